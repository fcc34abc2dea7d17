// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// world is the cluster with the operator under test.
type world struct {
	options
	api                   client.Client
	keyFile, storeAddress string
}

const metricsAddress = "127.0.0.1:18080"

// measure starts the operator, waits until it has reconciled all objects, and measures it while nothing changes except counters.
func (w *world) measure(ctx context.Context, kubeconfig string) error {
	cmd := exec.CommandContext(ctx, w.binary, //nolint:gosec // the developer names the program to measure
		"--image=journeyman:bench", "--operator-key-file="+w.keyFile,
		"--store-dial="+w.storeAddress, "--metrics-bind-address="+metricsAddress, "--namespaces="+namespace, "--health-probe-bind-address=0", "--zap-log-level=error")
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait() // it was killed
	}()
	start := time.Now()
	if err := w.create(ctx); err != nil {
		return err
	}
	created := time.Since(start)
	if err := w.awaitReady(ctx); err != nil {
		return err
	}
	fmt.Printf("%d maps, %d sources: created in %s, all Ready after %s\n",
		w.maps, w.sources, created.Round(time.Second), time.Since(start).Round(time.Second))
	return w.watchQuiet(ctx, cmd.Process.Pid)
}

// workers is the number of objects that are created in parallel.
const workers = 8

func (w *world) create(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	for i := range w.sources {
		g.Go(func() error { return w.api.Create(ctx, source(i)) })
	}
	for i := range w.maps {
		g.Go(func() error { return w.api.Create(ctx, journeyMap(i, w.sources)) })
	}
	return g.Wait()
}

func source(i int) *v1alpha1.TouchpointSource {
	return &v1alpha1.TouchpointSource{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: sourceName(i)},
		Spec: v1alpha1.TouchpointSourceSpec{
			StoreRef: v1alpha1.LocalReference{Name: "main"}, Channel: "web", ExpectEvery: "1h",
			Transport: v1alpha1.Transport{Segment: &v1alpha1.SegmentTransport{SecretRef: v1alpha1.SecretKeyReference{Name: "keys"}}},
		},
	}
}

// journeyMap returns a map of five stages over three sources.
func journeyMap(i, sources int) *v1alpha1.JourneyMap {
	m := &v1alpha1.JourneyMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("map-%d", i)}}
	m.Spec.StoreRef.Name = "main"
	m.Spec.Progression = v1alpha1.Progression{Order: v1alpha1.Ordered, Window: "14d"}
	for j := range min(3, sources) {
		m.Spec.Sources = append(m.Spec.Sources, v1alpha1.LocalReference{Name: v1alpha1.LocalName(sourceName((i + j) % sources))})
	}
	for _, stage := range []v1alpha1.ItemName{"see", "look", "want", "buy", "return"} {
		m.Spec.Stages = append(m.Spec.Stages, v1alpha1.Stage{Name: stage, Touchpoints: []v1alpha1.Touchpoint{
			{Name: "first", Match: []v1alpha1.EventMatch{{Event: "First " + string(stage)}}},
			{Name: "second", Match: []v1alpha1.EventMatch{{Event: "Second " + string(stage)}}},
		}})
	}
	m.Spec.Stages[0].MaxDropOff = "0.6"
	return m
}

func (w *world) awaitReady(ctx context.Context) error {
	for {
		var maps v1alpha1.JourneyMapList
		var sources v1alpha1.TouchpointSourceList
		if err := w.api.List(ctx, &maps); err != nil {
			return err
		}
		if err := w.api.List(ctx, &sources); err != nil {
			return err
		}
		ready := 0
		for i := range maps.Items {
			if meta.IsStatusConditionTrue(maps.Items[i].Status.Conditions, v1alpha1.ConditionReady) {
				ready++
			}
		}
		for i := range sources.Items {
			if meta.IsStatusConditionTrue(sources.Items[i].Status.Conditions, v1alpha1.ConditionIngestionAvailable) {
				ready++
			}
		}
		if ready == w.maps+w.sources {
			return nil
		}
		fmt.Fprintf(os.Stderr, "%d of %d are ready\n", ready, w.maps+w.sources)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Second):
		}
	}
}
