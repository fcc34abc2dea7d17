// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

// PlanRemoval returns what a removal will remove.
func (c *Client) PlanRemoval(ctx context.Context, r store.RemoveRequest) (store.RemovalPlan, error) {
	var answer store.RemovalPlan
	err := c.post(ctx, adminTimeout, wire.PathRemovals+"/plan", true, r, &answer)
	return answer, err
}

// Remove removes events of a source. It is not retried, so that the numbers are right.
func (c *Client) Remove(ctx context.Context, r store.RemoveRequest) (store.Removed, error) {
	var answer store.Removed
	err := c.post(ctx, adminTimeout, wire.PathRemovals, false, r, &answer)
	return answer, err
}
