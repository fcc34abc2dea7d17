// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/go-logr/logr"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/version"
)

// flags of the operator.
type flags struct {
	image          string
	namespaces     []string
	ownNamespace   string
	leaderElect    bool
	rollout        resources.RolloutMode
	pods           resources.PodDefaults
	network        resources.Network
	metricsAddress string
	metricsCertDir string
	probeAddress   string
	keyFile        string
	storeDial      string
	log            zap.Options
}

// parse parses the command line. It prints errors before it returns them.
func parse(args []string) (flags, error) {
	f := flags{ownNamespace: os.Getenv("POD_NAMESPACE")}
	var namespaces, rollout, pullSecrets, podUser string
	var policies networkFlags
	set := flag.NewFlagSet("operator", flag.ContinueOnError)
	set.StringVar(&f.image, "image", os.Getenv("JOURNEYMAN_IMAGE"),
		"image of the pods that the operator creates; default: env JOURNEYMAN_IMAGE, else the image of the operator's own Deployment")
	set.StringVar(&namespaces, "namespaces", os.Getenv("WATCH_NAMESPACE"),
		"namespaces to watch, separated by commas; default: env WATCH_NAMESPACE, else all")
	set.BoolVar(&f.leaderElect, "leader-elect", false, "wait for the lease journeyman-operator, so that only one replica is active")
	set.StringVar(&rollout, "rollout", string(resources.RolloutOnChange),
		"when running pods get a new image: OnChange (when their template changes for another reason) or Always")
	set.StringVar(&pullSecrets, "image-pull-secrets", "",
		"names of image pull Secrets for all pods, separated by commas; they must exist in the namespace of each object")
	set.StringVar(&podUser, "pod-user", string(resources.PodUserFixed),
		"who chooses the user of pods: Fixed (65532) or Platform (the platform's admission sets it, as OpenShift does)")
	policies.bind(set)
	set.StringVar(&f.metricsAddress, "metrics-bind-address", ":8443",
		"address of /metrics over HTTPS; 0 disables it. Clients authenticate with a token of the cluster; "+
			"with --namespaces, with the key in the Secret journeyman-scrape-key")
	set.StringVar(&f.metricsCertDir, "metrics-cert-dir", "", "folder with tls.crt and tls.key for /metrics; default: a generated certificate")
	set.StringVar(&f.probeAddress, "health-probe-bind-address", ":8081", "address of /healthz and /readyz; 0 disables it")
	set.StringVar(&f.keyFile, "operator-key-file", "", "file with the operator key, 32 bytes; default: the Secret journeyman-operator-key")
	set.StringVar(&f.storeDial, "store-dial", "", "host:port of stores, instead of their Services; for an operator outside the cluster")
	f.log.BindFlags(set)
	if err := version.Parse(set, args, os.Stdout); err != nil {
		return f, err
	}
	f.namespaces = words(namespaces)
	f.rollout = resources.RolloutMode(rollout)
	f.pods = resources.PodDefaults{ImagePullSecrets: words(pullSecrets), User: resources.PodUser(podUser)}
	var err error
	if f.network, err = policies.network(f.ownNamespace); err == nil {
		err = f.check()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return f, err
}

// check validates the flags.
func (f flags) check() error {
	if f.rollout != resources.RolloutOnChange && f.rollout != resources.RolloutAlways {
		return fmt.Errorf("--rollout=%s: use OnChange or Always", f.rollout)
	}
	if f.pods.User != resources.PodUserFixed && f.pods.User != resources.PodUserPlatform {
		return fmt.Errorf("--pod-user=%s: use Fixed or Platform", f.pods.User)
	}
	for _, name := range f.pods.ImagePullSecrets {
		if problems := validation.IsDNS1123Subdomain(name); len(problems) > 0 {
			return fmt.Errorf("--image-pull-secrets: %q is not the name of a Secret: %s", name, problems[0])
		}
	}
	return nil
}

// words splits a list at commas.
func words(list string) (out []string) {
	for w := range strings.SplitSeq(list, ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

func (f flags) logger() logr.Logger { return zap.New(zap.UseFlagOptions(&f.log)) }

// ownDeployment is the name of the operator's Deployment.
const ownDeployment = "journeyman-operator"

// ownImage returns the image of the pods that the operator creates: that of the flag, or that of the operator's own Deployment.
func ownImage(ctx context.Context, f flags, c client.Client) (string, error) {
	if f.image != "" {
		return f.image, nil
	}
	if f.ownNamespace == "" {
		return "", fmt.Errorf("the image of the pods is not known: set --image or JOURNEYMAN_IMAGE")
	}
	var own appsv1.Deployment
	if err := c.Get(ctx, client.ObjectKey{Namespace: f.ownNamespace, Name: ownDeployment}, &own); err != nil {
		return "", fmt.Errorf("find the operator's own image (or set --image): %w", err)
	}
	for _, container := range own.Spec.Template.Spec.Containers {
		if container.Name == "operator" {
			return container.Image, nil
		}
	}
	return "", fmt.Errorf("the Deployment %s/%s has no container named operator: set --image", f.ownNamespace, ownDeployment)
}

// cachesReady returns a check that succeeds when the caches are synced. Until then, the operator cannot reconcile. It waits almost as long as the
// kubelet does, which sends a Warning for each probe that fails: on a busy node, caches need seconds.
func cachesReady(mgr ctrl.Manager) healthz.Checker {
	return func(r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), 4*time.Second)
		defer cancel()
		if !mgr.GetCache().WaitForCacheSync(ctx) {
			return fmt.Errorf("the caches are not filled yet")
		}
		return nil
	}
}
