// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/internal/controller"
	"github.com/journeyman-dev/journeyman/internal/smoke"
)

// check implements "operator check": it checks that the installed operator reconciles.
func check(ctx context.Context, args []string, out io.Writer) error {
	set := flag.NewFlagSet("operator check", flag.ContinueOnError)
	namespace := set.String("namespace", os.Getenv("POD_NAMESPACE"), "namespace in which to create a JourneyMap; default: env POD_NAMESPACE")
	timeout := set.Duration("timeout", time.Minute, "timeout for the operator's response")
	if err := set.Parse(args); err != nil {
		return err
	}
	c, err := apiClient()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	said, err := smoke.Check(ctx, c, *namespace)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "The operator works. Its status for a map without an EventStore: %s\n", said)
	return nil
}

// apiClient returns a client of the API server that does not cache.
func apiClient() (client.Client, error) {
	cfg, err := ctrl.GetConfig()
	if err != nil {
		return nil, fmt.Errorf("find the API server: %w", err)
	}
	c, err := client.New(cfg, client.Options{Scheme: controller.Scheme()})
	if err != nil {
		return nil, fmt.Errorf("reach the API server: %w", err)
	}
	return c, nil
}
