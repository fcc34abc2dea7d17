// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command analysis runs the analysis of a JourneyMap or a MetricReport once. It exits with 0 when it is done, also if the object already has newer
// results, with 3 if the configuration is invalid, with 5 if the store is not available, and with 1 after any other error.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/internal/analysis"
	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/analysis/publish"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/internal/version"
)

const gcPercent = 800

type options struct {
	document   string
	wanted     analysis.Wanted
	keys       string
	serverName string
	dryRun     bool
	output     string
}

func main() {
	if os.Getenv("GOGC") == "" {
		// The live heap is small compared with the data that passes through it. Collecting less often costs a few megabytes and saves a lot of time. In a
		// pod, GOMEMLIMIT still bounds the heap.
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	err := run(ctx, os.Args[1:], os.Stdout, log)
	switch {
	case errors.Is(err, flag.ErrHelp):
		err = nil
	case errors.Is(err, publish.ErrSuperseded):
		log.Info("nothing written", "reason", err.Error())
	case err != nil:
		log.Error("failed", "error", err.Error())
	}
	os.Exit(analysis.ExitCode(err))
}

func parse(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("analysis", flag.ContinueOnError)
	f.StringVar(&o.document, "config", filepath.Join(podconfig.Dir, podconfig.File), "path of the document that describes the analysis")
	f.Int64Var(&o.wanted.Generation, "generation", 0, "generation of the object in the Job's template; an older document is refused")
	f.StringVar(&o.wanted.MapHash, "map-hash", "", "mapHash of the document in the Job's template; another one is refused")
	f.StringVar(&o.wanted.SourcesHash, "sources-hash", "", "sourcesHash of the document in the Job's template; another one is refused")
	f.StringVar(&o.keys, "store-keys", podconfig.StoreKeyDir, "folder with the key of the store and its CA certificate")
	f.StringVar(&o.serverName, "store-server-name", "", "name in the store's certificate, if it is not the host of its URL")
	f.BoolVar(&o.dryRun, "dry-run", false, "print the status instead of writing it; needs no Kubernetes")
	f.StringVar(&o.output, "o", "yaml", "format of the printed status: json or yaml")
	if err := version.Parse(f, args, os.Stdout); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, fmt.Errorf("%w: %w", plan.ErrConfig, err)
	}
	if o.output != "json" && o.output != "yaml" {
		return o, fmt.Errorf("%w: -o %s: use json or yaml", plan.ErrConfig, o.output)
	}
	return o, nil
}

func run(ctx context.Context, args []string, stdout io.Writer, log *slog.Logger) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	doc, err := analysis.LoadDocument(o.document, o.wanted)
	if err != nil {
		return err
	}
	job := os.Getenv("JOB_NAME")
	scheduled, err := analysis.ScheduledTime(os.Getenv("SCHEDULED_TIME"), job, time.Now())
	if err != nil {
		return err
	}
	s, err := client.New(client.Options{
		URL: doc.Store.URL, ServerName: o.serverName,
		KeyFile: filepath.Join(o.keys, podconfig.KeyFile), CAFile: filepath.Join(o.keys, podconfig.CAFile),
	})
	if err != nil {
		return fmt.Errorf("%w: %w", plan.ErrConfig, err)
	}
	defer func() { _ = s.Close() }() // The client only reads, so Close cannot lose data.
	log.Info("run", "version", version.Version, "kind", doc.Kind, "namespace", doc.Namespace, "name", doc.Name,
		"generation", doc.Generation, "scheduled", scheduled.Format(time.RFC3339), "job", job)
	r := &analysis.Run{Document: doc, Scheduled: scheduled, Job: job, Store: s, Now: time.Now, Log: log}
	if o.dryRun {
		return printStatus(ctx, r, o.output, stdout)
	}
	kube, err := kubernetes()
	if err != nil {
		return err
	}
	r.Writer = publish.NewStatusWriter(kube, doc, scheduled)
	return r.Execute(ctx)
}

func printStatus(ctx context.Context, r *analysis.Run, output string, stdout io.Writer) error {
	status, err := r.Compute(ctx)
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(status, "", "  ")
	if err == nil && output == "yaml" {
		b, err = yaml.JSONToYAML(b)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s\n", b)
	return err
}

// kubernetes returns a client for the API server of the pod's cluster or, outside a pod, of KUBECONFIG.
func kubernetes() (dynamic.Interface, error) {
	cfg, err := rest.InClusterConfig()
	if errors.Is(err, rest.ErrNotInCluster) {
		cfg, err = clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
			clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig()
	}
	if err != nil {
		return nil, fmt.Errorf("kubernetes: %w", err)
	}
	return dynamic.NewForConfig(cfg)
}
