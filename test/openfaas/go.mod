module ops-events/openfaas

go 1.26.0

tool github.com/openfaas-incubator/of-watchdog

require github.com/openfaas-incubator/of-watchdog v0.0.0-20181230134825-d66c16559e2b // indirect
