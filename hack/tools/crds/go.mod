// This module pins projects by whose CRDs the tests validate manifests. Nothing of it is compiled into anything of ours.
module github.com/journeyman-dev/journeyman/hack/tools/crds

go 1.26.0

require (
	github.com/argoproj/argo-rollouts v1.8.5
	github.com/cert-manager/cert-manager v1.21.2
	github.com/fluxcd/flagger v1.36.1
	github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring v0.95.2
	sigs.k8s.io/gateway-api v1.6.3
)
