import type { Severity } from '../severity.ts'

/** By category, then by severity: reasons, apart by blanks. */
type Rows = Record<string, Partial<Record<Severity, string>>>

/**
 * What the reasons mean that the parts of Kubernetes give, by the part that gives them. `Pod/Created` is meant of this
 * kind of object only and goes before a bare `Created`. Behind a `?` the message decides (messages.ts), and the row
 * only where that says nothing. A reason stands once, with the part that is known for it.
 */
export const reasons: Record<string, Rows> = {
  kubelet: {
    image: {
      info: 'Pod/Pulling Pod/Pulled',
      warning: 'FailedToRetrieveImagePullSecret ImageGCFailed InvalidImageID',
      error: 'ErrImageNeverPull InspectFailed',
    },
    lifecycle: {
      info: 'Pod/Created Pod/Started Killing SandboxChanged Pod/Completed',
      warning: 'BackOff LifecycleHTTPFallback ExceededGracePeriod FailedPreStopHook FailedSync?',
      error: 'Pod/Failed? FailedKillPod? FailedPostStartHook FailedCreatePodContainer?',
    },
    probe: { warning: 'Unhealthy ProbeWarning' },
    network: {
      warning: 'DNSConfigForming CheckLimitsForResolvConf MissingClusterDNS HostIPsIPFamilyMismatch',
      error: 'NetworkNotReady FailedCreatePodSandBox FailedPodSandBoxStatus',
    },
    volume: {
      info: 'SuccessfulAttachVolume SuccessfulMountVolume VolumeResizeSuccessful FileSystemResizeSuccessful',
      warning: 'AlreadyMountedVolume VolumePermissionChangeInProgress PossibleMemoryBackedVolumesOnDisk',
      error:
        'FailedMount FailedAttachVolume FailedMapVolume FailedMountOnFilesystemMismatch VolumeResizeFailed FileSystemResizeFailed VolumeConditionAbnormal',
    },
    resource: {
      info: 'NodeHasSufficientMemory NodeHasNoDiskPressure NodeHasSufficientPID ResizeStarted ResizeCompleted',
      warning:
        'ContainerGCFailed FreeDiskSpaceFailed InvalidDiskCapacity EvictionThresholdMet ResizeDeferred ResizeInfeasible',
      error:
        'NodeHasInsufficientMemory NodeHasDiskPressure NodeHasInsufficientPID Evicted ResizeError FailedPrepareDynamicResources',
      critical: 'SystemOOM',
    },
    // Also for what reasons it does not let a pod in that the scheduler gave it.
    scheduling: {
      warning:
        'Preempting OutOfcpu OutOfmemory OutOfpods OutOfephemeral-storage NodeAffinity FailedNodeDeclaredFeaturesCheck InvalidNodeInfo PodOSNotSupported PodOSSelectorNodeLabelDoesNotMatch SupplementalGroupsPolicyNotSupported UnexpectedAdmissionError UnexpectedPredicateFailureType EmptyPodSharedPoolError SMTAlignmentError TopologyAffinityError PodFeatureUnsupported PodLevelResourcesNotSupported VolumeAttachmentLimitExceeded InitContainerRestartPolicyForbidden NodeShutdown',
    },
    node: {
      info: 'Starting NodeReady NodeSchedulable NodeAllocatableEnforced NodeNotSchedulable Shutdown',
      warning: 'Rebooted CgroupV1 FailedNodeAllocatableEnforcement',
      error: 'KubeletSetupFailed',
      critical: 'NodeNotReady',
    },
    config: { warning: 'InvalidEnvironmentVariableNames', error: 'FailedValidation' },
    security: {
      warning: 'CertificateOverdueForRefresh SysctlForbidden AppArmor',
      error: 'CertificateExpired Pod/Denied',
    },
  },
  'default-scheduler': {
    scheduling: {
      info: 'Scheduled Binding BindingConditionsPending',
      warning: 'FailedScheduling Preempted',
    },
  },
  'replicaset-controller': {
    lifecycle: {
      info: 'SuccessfulCreate SuccessfulDelete SuccessfulUpdate',
      warning: 'FailedDelete FailedUpdate?',
      error: 'FailedCreate?',
    },
  },
  'deployment-controller': {
    lifecycle: {
      info: 'DeploymentRollback',
      warning: 'DeploymentRollbackRevisionNotFound DeploymentRollbackTemplateUnchanged',
      error: 'ReplicaSetCreateError?',
    },
    scaling: { info: 'ScalingReplicaSet' },
    config: { warning: 'SelectingAll' },
  },
  'daemonset-controller': {
    lifecycle: { info: 'SucceededDaemonPod', warning: 'FailedDaemonPod' },
    scheduling: { warning: 'FailedPlacement' },
  },
  'statefulset-controller': {
    config: { warning: 'ConflictingController' },
  },
  'job-controller': {
    task: {
      info: 'Job/SuccessfulCreate Job/SuccessfulDelete Job/Completed Job/Suspended Job/Resumed WorkloadCreated Job/SuccessCriteriaMet',
      warning: 'TooManySucceededPods Job/FailedDelete',
      error:
        'BackoffLimitExceeded DeadlineExceeded PodFailurePolicy FailedIndexes MaxFailedIndexesExceeded Job/FailedCreate?',
    },
    config: { error: 'UnknownCompletionMode' },
  },
  'cronjob-controller': {
    task: {
      info: 'CronJob/SuccessfulCreate CronJob/SuccessfulDelete SawCompletedJob MissingJob JobAlreadyActive',
      warning: 'UnexpectedJob MissSchedule TooManyMissedTimes CronJob/FailedDelete CronJob/FailedGet',
      error: 'CronJob/FailedCreate?',
    },
    config: {
      warning: 'UnsupportedSchedule',
      error: 'InvalidSchedule UnParseableCronJobSchedule UnparseableSchedule UnknownTimeZone',
    },
  },
  'horizontal-pod-autoscaler': {
    scaling: {
      info: 'SuccessfulRescale',
      warning:
        'FailedGetScale FailedGetResourceMetric FailedGetPodsMetric FailedGetObjectMetric FailedGetExternalMetric FailedGetContainerResourceMetric FailedComputeMetricsReplicas FailedUpdateStatus FailedConvertHPA',
      error: 'FailedRescale',
    },
    config: { warning: 'SelectorRequired InvalidSelector AmbiguousSelector InvalidMetricSourceType' },
  },
  'vertical-pod-autoscaler': {
    scaling: { info: 'InPlaceResizeSkipped InPlaceResizedByVPA EvictedByVPA EvictedPod' },
  },
  'cluster-autoscaler': {
    scaling: {
      info: 'TriggeredScaleUp ScaledUpGroup ScaleDown ScaleDownEmpty DeleteUnregistered ClusterAutoscalerCleanup GracefulDegradationStopped',
      warning:
        'NotTriggerScaleUp ScaleDownFailed MaxNodesTotalReached DeleteUnregisteredFailed GracefulDegradationStarted FailedToRevertScaleUp',
      error: 'ScaleUpFailed FailedToScaleUpGroup FailedToScaleUp ScaleUpTimedOut',
      critical: 'ClusterUnhealthy',
    },
  },
  // Disruption budgets, and other loops of kube-controller-manager that call themselves "controllermanager".
  controllermanager: {
    config: {
      info: 'NoPods',
      warning: 'MultiplePodDisruptionBudgets UnmanagedPods CalculateExpectedPodCountFailed',
    },
    lifecycle: { warning: 'NotDeleted OwnerRefInvalidNamespace' },
  },
  'node-controller': {
    node: {
      info: 'RegisteredNode Node/Synced',
      // What a machine that is lost does to its pods is told of each of them.
      warning:
        'Pod/NodeNotReady RemovingNode DeletingNode DeletingAllPods NodeControllerEviction TaintManagerEviction DeviceTaintManagerEviction',
      error: 'DeletingNodeFailed',
    },
    network: { error: 'CIDRNotAvailable CIDRAssignmentFailed FailedToCreateRoute' },
  },
  'service-controller': {
    network: {
      info: 'EnsuringLoadBalancer EnsuredLoadBalancer DeletingLoadBalancer DeletedLoadBalancer UpdatedLoadBalancer LoadbalancerIP ExternalIP Service/Type Ingress/Sync',
      warning: 'UnAvailableLoadBalancer',
      error:
        'SyncLoadBalancerFailed UpdateLoadBalancerFailed DeleteLoadBalancerFailed CreatingLoadBalancerFailed',
    },
  },
  'endpoint-slice-controller': {
    network: {
      info: 'TopologyAwareHintsEnabled',
      warning:
        'TopologyAwareHintsDisabled FailedToListPods FailedToListEndpointSlices FailedToUpdateEndpointSlices FailedToCreateEndpoint FailedToUpdateEndpoint InvalidIPAddress TooManyAddressesToMirror',
    },
  },
  'kube-proxy': {
    network: {
      warning:
        'KubeProxyIncorrectIPVersion FailedToStartServiceHealthcheck IPVSDeprecation FailedToStartMetricServer',
      error: 'FailedToStartProxierHealthcheck',
    },
  },
  // Its repair loops of addresses and ports.
  'kube-apiserver': {
    network: {
      warning:
        'ClusterIPNotAllocated IPAddressNotAllocated IPAddressWrongReference PortNotAllocated KubernetesDefaultServiceCIDRInconsistent Service/UnknownError IPAddress/UnknownError',
      error:
        'ClusterIPAlreadyAllocated ClusterIPNotValid ClusterIPOutOfRange PortAlreadyAllocated PortOutOfRange PortRangeFull ServiceCIDRFull KubernetesDefaultServiceCIDRError KubernetesServiceCIDRError',
    },
  },
  'persistentvolume-controller': {
    volume: {
      info: 'WaitForFirstConsumer WaitForPodScheduled ExternalProvisioning Provisioning ProvisioningSucceeded VolumeRecycled VolumeDelete RecyclerPod',
      warning:
        'FailedBinding VolumeMismatch ClaimMisbound ProvisioningCleanupFailed VolumeUnknownReclaimPolicy',
      error: 'ProvisioningFailed VolumeFailedRecycle VolumeFailedDelete',
      critical: 'ClaimLost',
    },
  },
  'selinux-warning-controller': {
    volume: { warning: 'MultipleSELinuxLabels SELinuxLabelConflict SELinuxChangePolicyConflict' },
  },
  'resource-claim-controller': {
    resource: { error: 'FailedResourceClaimCreation' },
  },
  'external-resizer': {
    volume: {
      info: 'ExternalExpanding Resizing FileSystemResizeRequired VolumeModify VolumeModifySuccessful VolumeModifyCanceled',
      error: 'VolumeModifyFailed',
    },
  },
  'snapshot-controller': {
    volume: {
      info: 'CreatingSnapshot SnapshotCreated SnapshotReady CreatingGroupSnapshot GroupSnapshotCreated GroupSnapshotReady',
      warning:
        'SnapshotDeletePending SnapshotFinalizerError GroupSnapshotFinalizerError ErrorPVCFinalizer SnapshotHandleSet GroupSnapshotHandleSet SnapshotStatusUpdateFailed GroupSnapshotStatusUpdateFailed',
      error:
        'ContentValidationError CreateGroupSnapshotContentFailed CreateSnapshotContentFailed GetGroupSnapshotClassFailed GetSnapshotClassFailed GroupContentValidationError GroupSnapshotBindFailed GroupSnapshotContentCheckandUpdateFailed GroupSnapshotContentCreationFailed GroupSnapshotContentMisbound GroupSnapshotContentMismatch GroupSnapshotContentMissing GroupSnapshotContentObjectDeleteError GroupSnapshotCreationFailed GroupSnapshotDeleteError GroupSnapshotMisbound GroupSnapshotValidationError SetDefaultGroupSnapshotClassFailed SetDefaultSnapshotClassFailed SnapshotBindFailed SnapshotContentCheckandUpdateFailed SnapshotContentCreationFailed SnapshotContentMisbound SnapshotContentMismatch SnapshotContentMissing SnapshotContentObjectDeleteError SnapshotCreationFailed SnapshotDeleteError SnapshotMisbound SnapshotPVCSourceMissing SnapshotValidationError',
    },
  },
  'leader-election': {
    lifecycle: { info: 'LeaderElection' },
  },
  descheduler: {
    scheduling: { info: 'Descheduled', warning: 'EvictionFailed' },
  },
  // It tells of a machine that is broken for good as a Normal change of a condition.
  'node-problem-detector': {
    node: {
      info: 'ContainerRuntimeIsHealthy ContainerdStart CperHardwareHasNoFatalError DockerStart FilesystemIsNotReadOnly KernelHasNoDeadlock KubeProxyIsHealthy KubeletIsHealthy KubeletStart NTPIsUp NoCorruptDockerOverlay2 NoFrequentContainerdRestart NoFrequentDockerRestart NoFrequentKubeletRestart NoFrequentUnregisterNetDevice XfsHasNotShutDown',
      warning:
        'CCPPCrash CorruptContainerImageLayer CperHardwareErrorCorrected CperHardwareErrorRecoverable Ext4Warning HCSEmptyLayerchain NTPIsDown UncaughtException VMcore XorgCrash',
      error:
        'ContainerCreationFailed ContainerdUnhealthy CorruptDockerImage CorruptDockerOverlay2 DiskBadBlock DockerContainerStartupFailure DockerUnhealthy Ext4Error FrequentContainerdRestart FrequentDockerRestart FrequentKubeletRestart IOError KernelOops KubeProxyUnhealthy KubeletUnhealthy MemoryReadError TaskHung',
      critical: 'CperHardwareErrorFatal DockerHung FilesystemIsReadOnly KernelDeadlock XfsHasShutdown',
    },
    network: {
      warning: 'IPTablesVersionsMismatch UnregisterNetDevice FrequentUnregisterNetDevice',
      error: 'ConntrackFull DNSUnreachable',
    },
    resource: { error: 'OOMKilling' },
    security: { error: 'WindowsDefenderThreatsDetected' },
  },
  // Of this system itself.
  'ops-events': {
    notification: { warning: 'BlindWindow' },
    task: { warning: 'MissedSchedule RunSkipped' },
  },
}
