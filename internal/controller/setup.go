// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package controller adds the four reconcilers to a manager.
package controller

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/journeyman-dev/journeyman/internal/controller/children"
	"github.com/journeyman-dev/journeyman/internal/controller/deps"
	"github.com/journeyman-dev/journeyman/internal/controller/eventstore"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/controller/journeymap"
	"github.com/journeyman-dev/journeyman/internal/controller/metricreport"
	"github.com/journeyman-dev/journeyman/internal/controller/metrics"
	"github.com/journeyman-dev/journeyman/internal/controller/refs"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/controller/touchpointsource"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// Config of the reconcilers.
type Config struct {
	// Image of the children.
	Image string
	// Rollout is when running pods get a new image.
	Rollout resources.RolloutMode
	// Pods are the defaults of all pods.
	Pods resources.PodDefaults
	// Network configures network policies.
	Network resources.Network
	// Key from which all secrets of stores are derived.
	Key pki.OperatorKey
	// Dial connects to a store.
	Dial storewatch.Dial
	// Watch configures how stores are polled.
	Watch storewatch.Options
	// Metrics registers the series of journeys; nil for none.
	Metrics prometheus.Registerer
	// Clock is the clock; nil for the real one.
	Clock clock.WithTicker
	// Concurrency is the number of objects of a kind that are reconciled concurrently. The default is 4.
	Concurrency int
}

// Setup adds the reconcilers, the poller of the stores and the series of journeys to a manager that was created with CacheOptions.
func Setup(ctx context.Context, mgr ctrl.Manager, c Config) error {
	d, err := tools(mgr, c)
	if err != nil {
		return err
	}
	if err := refs.Index(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	for _, setup := range []func(ctrl.Manager, *deps.Deps) error{
		eventstore.SetupWithManager, touchpointsource.SetupWithManager,
		journeymap.SetupWithManager, metricreport.SetupWithManager,
	} {
		if err := setup(mgr, d); err != nil {
			return fmt.Errorf("set up reconciler: %w", err)
		}
	}
	if err := mgr.Add(d.Stores); err != nil {
		return fmt.Errorf("add the poller of the stores: %w", err)
	}
	if c.Metrics != nil {
		if err := c.Metrics.Register(metrics.New(mgr.GetClient(), d.Clock)); err != nil {
			return fmt.Errorf("register metrics: %w", err)
		}
	}
	return nil
}

func tools(mgr ctrl.Manager, c Config) (*deps.Deps, error) {
	if c.Clock == nil {
		c.Clock = clock.RealClock{}
	}
	if c.Watch.Clock == nil {
		c.Watch.Clock = c.Clock
	}
	if c.Concurrency == 0 {
		c.Concurrency = 4
	}
	applier, err := children.New(mgr.GetClient(), mgr.GetAPIReader(), c.Clock, watchedChildren())
	if err != nil {
		return nil, err
	}
	return &deps.Deps{
		Base: flow.Base{
			Client: mgr.GetClient(),
			Events: mgr.GetEventRecorder(status.FieldManager),
			Clock:  c.Clock,
		},
		Live:     mgr.GetAPIReader(),
		Children: applier,
		Stores:   storewatch.New(c.Dial, c.Watch),
		Keys:     deps.NewKeys(c.Key),
		Image:    c.Image, Rollout: c.Rollout, Pods: c.Pods, Network: c.Network, Concurrency: c.Concurrency,
	}, nil
}
