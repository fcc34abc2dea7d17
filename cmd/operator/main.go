// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command operator reconciles the four kinds of journeyman.dev. "operator check" checks that an installed operator works, and "operator sample" sends
// the sample events. Jobs of the chart run these two.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/journeyman-dev/journeyman/internal/controller"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/scrape"
	"github.com/journeyman-dev/journeyman/internal/version"
)

// commands other than the operator itself.
var commands = map[string]func(ctx context.Context, args []string, out io.Writer) error{"check": check, "sample": sendSample}

func main() {
	if len(os.Args) > 1 {
		if command := commands[os.Args[1]]; command != nil {
			if err := command(ctrl.SetupSignalHandler(), os.Args[2:], os.Stdout); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			return
		}
	}
	f, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		os.Exit(2)
	}
	log := f.logger()
	ctrl.SetLogger(log)
	if err := run(ctrl.SetupSignalHandler(), f, log); err != nil {
		log.Error(err, "The operator stops because of an error.")
		os.Exit(1)
	}
}

// run runs the operator until the context ends.
func run(ctx context.Context, f flags, log logr.Logger) error {
	cfg, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the API server: %w", err)
	}
	cfg.UserAgent = "journeyman-operator/" + version.Version
	direct, err := client.New(cfg, client.Options{Scheme: controller.Scheme()})
	if err != nil {
		return fmt.Errorf("reach the API server: %w", err)
	}
	key, err := operatorKey(ctx, f, direct)
	if err != nil {
		return err
	}
	scrapeKey, err := publishScrapeKey(ctx, f, direct, key)
	if err != nil {
		return err
	}
	if f.image, err = ownImage(ctx, f, direct); err != nil {
		return err
	}
	mgr, err := ctrl.NewManager(cfg, options(f, scrapeKey))
	if err != nil {
		return fmt.Errorf("create the manager: %w", err)
	}
	err = controller.Setup(ctx, mgr, controller.Config{
		Image: f.image, Rollout: f.rollout, Pods: f.pods, Network: f.network, Key: key,
		Dial:    controller.DialStores(key, f.storeDial),
		Metrics: ctrlmetrics.Registry,
	})
	if err != nil {
		return err
	}
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return fmt.Errorf("add health check: %w", err)
	}
	if err := mgr.AddReadyzCheck("caches", cachesReady(mgr)); err != nil {
		return fmt.Errorf("add readiness check: %w", err)
	}
	log.Info("Starting the operator.", "version", version.Version, "image", f.image, "namespaces", f.namespaces)
	return mgr.Start(ctx)
}

// publishScrapeKey returns the key for the metrics of an operator with --namespaces, which cannot ask the API server to authenticate clients. Without
// --namespaces, it is empty.
func publishScrapeKey(ctx context.Context, f flags, c client.Client, key pki.OperatorKey) (string, error) {
	if len(f.namespaces) == 0 || f.metricsAddress == "0" {
		return "", nil
	}
	if f.ownNamespace == "" {
		return key.ScrapeKey(), nil
	}
	return key.ScrapeKey(), scrape.Publish(ctx, c, f.ownNamespace, key.ScrapeKey())
}

func options(f flags, scrapeKey string) ctrl.Options {
	warm := true
	return ctrl.Options{
		Scheme:                        controller.Scheme(),
		Cache:                         controller.CacheOptions(f.namespaces...),
		Metrics:                       scrape.Options(f.metricsAddress, f.metricsCertDir, scrapeKey),
		HealthProbeBindAddress:        f.probeAddress,
		LeaderElection:                f.leaderElect,
		LeaderElectionID:              "journeyman-operator",
		LeaderElectionNamespace:       f.ownNamespace,
		LeaderElectionReleaseOnCancel: true, // safe, because the process ends right after
		// A standby fills its caches before it becomes the leader, so that a change of leader does not list all objects.
		Controller: config.Controller{EnableWarmup: &warm},
	}
}

// operatorKey returns the key in the file of the flag or, in a cluster, in the operator's own Secret, which it creates.
func operatorKey(ctx context.Context, f flags, c client.Client) (pki.OperatorKey, error) {
	if f.keyFile != "" {
		return pki.ReadOperatorKeyFile(f.keyFile)
	}
	if f.ownNamespace == "" {
		return pki.OperatorKey{}, fmt.Errorf("outside a cluster, set --operator-key-file, or POD_NAMESPACE for the Secret %s", pki.OperatorKeySecret)
	}
	return pki.LoadOrCreateOperatorKey(ctx, c, f.ownNamespace)
}
