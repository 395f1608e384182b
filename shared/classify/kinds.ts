/** What events are about whose reason and message say nothing of it, by the kind of their object in lower case. */
export const kinds = new Map(
  Object.entries({
    node: 'node machine machineset machinedeployment host nodeclaim nodepool',
    volume:
      'persistentvolume persistentvolumeclaim volumeattachment storageclass volumesnapshot volumesnapshotcontent csinode',
    network:
      'service endpoints endpointslice ingress ingressclass networkpolicy gateway httproute ipaddress servicecidr',
    scaling: 'horizontalpodautoscaler verticalpodautoscaler scaledobject scaledjob',
    task: 'job cronjob task taskrun pipeline pipelinerun workflow',
    security:
      'certificate certificaterequest issuer clusterissuer certificatesigningrequest serviceaccount role rolebinding clusterrole clusterrolebinding',
    config:
      'configmap secret customresourcedefinition validatingwebhookconfiguration mutatingwebhookconfiguration',
    resource: 'resourcequota limitrange resourceclaim',
    lifecycle: 'pod deployment replicaset statefulset daemonset namespace replicationcontroller',
  }).flatMap(([category, names]) => names.split(' ').map(name => [name, category] as const)),
)
