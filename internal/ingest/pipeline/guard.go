// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/egress"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
)

// guardOf returns the guard of the connections that a pod opens for its source.
func guardOf(c *podconfig.Ingest) (*egress.Guard, error) {
	o := egress.Options{Permitted: egress.Private()}
	var err error
	if o.Own, err = egress.Own(); err != nil {
		return nil, err
	}
	if e := c.Source.Egress; e != nil {
		if o.Allowed, err = egress.Parse(e.CIDRs, e.Hosts); err != nil {
			return nil, fmt.Errorf("egress: %w", err)
		}
	}
	if len(c.EgressPermitted) > 0 {
		if o.Permitted, err = egress.Parse(c.EgressPermitted, nil); err != nil {
			return nil, fmt.Errorf("the networks of the operator: %w", err)
		}
	}
	return egress.New(o), nil
}

// Dial connects for a reader. A refusal says what to change.
func (s *Snapshot) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := s.guard.DialContext(ctx, network, address)
	if refused, ok := errors.AsType[*egress.RefusedError](err); ok {
		return nil, &pull.Error{Reason: pull.Misconfigured, Message: refused.Error()}
	}
	return conn, err
}

// reachesLike reports whether two snapshots may connect to the same addresses. What was connected before could be refused now.
func (s *Snapshot) reachesLike(o *Snapshot) bool {
	return reflect.DeepEqual(s.Config.Source.Egress, o.Config.Source.Egress) && slices.Equal(s.Config.EgressPermitted, o.Config.EgressPermitted)
}
