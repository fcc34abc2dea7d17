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

// Operator is one that runs, with everything that the binary has but flags and leader election.
type Operator struct {
	// Metrics takes its series.
	Metrics *prometheus.Registry

	cancel context.CancelFunc
	ended  chan error
}

// Setup of an operator.
type Setup struct {
	// Config of the API server; the wire is put in by the operator.
	Config *rest.Config
	// Wire that it sends through.
	Wire *Wire
	// Namespaces to work in; none for all.
	Namespaces []string
	// Stores that answer it.
	Stores *Stores
	// Image and Rollout as in the flags.
	Image   string
	Rollout resources.RolloutMode
	// Network is what network policies depend on.
	Network resources.Network
	// Interval at which stores are asked.
	Interval time.Duration
	// Clock tells the operator the time; nil for the real one.
	Clock clock.WithTicker
}

// Key of all operators here, so that one that starts anew derives the same secrets.
var Key = pki.OperatorKey{1, 2, 3}

// Start runs an operator until Stop.
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

// Stop ends the operator and waits until it has ended: all its memory is gone.
func (o *Operator) Stop() error {
	o.cancel()
	return <-o.ended
}
