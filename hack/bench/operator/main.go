// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command operator measures memory, CPU time and requests of the operator. It runs the real program against a real API server, with many maps, and
// with sources whose counters change all the time. Pods do not run; the benchmark simulates them. It has no pass or fail.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/journeyman-dev/journeyman/internal/controller"
	"github.com/journeyman-dev/journeyman/test/operator/sim"
)

// options of a run.
type options struct {
	binary, crds, dir string
	maps, sources     int
	quiet             time.Duration
}

func main() {
	var o options
	var minutes float64
	flag.StringVar(&o.binary, "bin", "bin/operator", "the operator")
	flag.StringVar(&o.crds, "crds", "config/crd/bases", "folder of the CRDs")
	flag.StringVar(&o.dir, "dir", "", "empty folder for files of the run")
	flag.IntVar(&o.maps, "maps", 1000, "number of JourneyMaps")
	flag.IntVar(&o.sources, "sources", 1000, "number of TouchpointSources")
	flag.Float64Var(&minutes, "minutes", 10, "length of the quiet time that is measured")
	flag.Parse()
	o.quiet = time.Duration(minutes * float64(time.Minute))
	if o.dir == "" {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func run(ctx context.Context, o options) (err error) {
	server := &envtest.Environment{CRDDirectoryPaths: []string{o.crds}, ErrorIfCRDPathMissing: true}
	server.ControlPlane.GetAPIServer().Configure().Set("service-cluster-ip-range", "10.0.0.0/16") // each source has a Service
	cfg, err := server.Start()
	if err != nil {
		return fmt.Errorf("start the API server (KUBEBUILDER_ASSETS names the folder of etcd and kube-apiserver): %w", err)
	}
	defer func() {
		if e := server.Stop(); err == nil {
			err = e
		}
	}()
	api, err := client.New(cfg, client.Options{Scheme: controller.Scheme()})
	if err != nil {
		return err
	}
	kubeconfig := filepath.Join(o.dir, "kubeconfig")
	if err := os.WriteFile(kubeconfig, server.KubeConfig, 0o600); err != nil {
		return err
	}
	w := &world{api: api, options: o}
	if err := w.makeStore(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go sim.Pods{Client: api, Namespace: namespace, Every: 5 * time.Second}.Run(ctx)
	return w.measure(ctx, kubeconfig)
}
