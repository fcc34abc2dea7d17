// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/journeyman-dev/journeyman/internal/controller"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// Operator is a running operator, with everything except flags and leader election.
type Operator struct {
	// Metrics is the registry of its metrics.
	Metrics *prometheus.Registry

	cancel context.CancelFunc
	ended  chan error
}

// Setup of an operator.
type Setup struct {
	// Config of the API server, without Wire.
	Config *rest.Config
	// Wire transports the requests to the API server.
	Wire *Wire
	// Namespaces to watch; none for all.
	Namespaces []string
	// Stores that the operator polls.
	Stores *Stores
	// Image and Rollout as in the flags.
	Image   string
	Rollout resources.RolloutMode
	// Network configures network policies.
	Network resources.Network
	// Interval between two polls of a store.
	Interval time.Duration
	// Clock of the operator; nil for the real one.
	Clock clock.WithTicker
}

// Key of all operators here, so that a restarted operator derives the same secrets.
var Key = pki.OperatorKey{1, 2, 3}

// Start starts an operator that runs until Stop.
func Start(s Setup) (*Operator, error) {
	cfg := rest.CopyConfig(s.Config)
	cfg.Wrap(s.Wire.Wrap)
	mgr, err := ctrl.NewManager(cfg, ctrl.Options{
		Scheme:                  controller.Scheme(),
		Cache:                   controller.CacheOptions(s.Namespaces...),
		Metrics:                 metricsserver.Options{BindAddress: "0"},
		HealthProbeBindAddress:  "0",
		GracefulShutdownTimeout: ptr.To(20 * time.Second),
		Controller:              config.Controller{SkipNameValidation: ptr.To(true)},
	})
	if err != nil {
		return nil, fmt.Errorf("create the manager: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	o := &Operator{Metrics: prometheus.NewRegistry(), cancel: cancel, ended: make(chan error, 1)}
	err = controller.Setup(ctx, mgr, controller.Config{
		Image: s.Image, Rollout: s.Rollout, Network: s.Network, Key: Key,
		Dial:    s.Stores.Dial,
		Clock:   s.Clock,
		Watch:   storewatch.Options{Interval: s.Interval, MinGap: s.Interval / 10, Timeout: 5 * time.Second},
		Metrics: o.Metrics,
	})
	if err != nil {
		cancel()
		return nil, err
	}
	go func() { o.ended <- mgr.Start(ctx) }()
	return o, nil
}

// Stop stops the operator and waits for its end. Its state in memory is lost.
func (o *Operator) Stop() error {
	o.cancel()
	return <-o.ended
}
