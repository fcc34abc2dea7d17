// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

// Append sends the batch once. If the connection breaks, the result is unknown. The caller can append again: the store skips the events that it
// already has. It adds the counters again, unless the batch moves cursors.
func (c *Client) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
	body, err := wire.EncodeBatch(b)
	if err != nil {
		return store.Appended{}, fmt.Errorf("%w: %w", store.ErrInvalid, err)
	}
	var answer store.Appended
	err = c.json(ctx, c.timeout, call{method: http.MethodPost, path: wire.PathAppend, mediaType: wire.ArrowStream, body: body}, &answer)
	return answer, err
}

// Cursors returns those of a pull source.
func (c *Client) Cursors(ctx context.Context, source string) (store.Cursors, error) {
	var answer wire.CursorsAnswer
	err := c.get(ctx, wire.PathCursors+"?source="+url.QueryEscape(source), &answer)
	return answer.Cursors, err
}

// Report sends the report of a pod.
func (c *Client) Report(ctx context.Context, r store.Report) error {
	if err := r.Check(); err != nil {
		return err
	}
	return c.post(ctx, c.timeout, wire.PathReport, true, r, &struct{}{})
}

// State returns the state of the store.
func (c *Client) State(ctx context.Context) (store.State, error) {
	var state store.State
	err := c.get(ctx, wire.PathState, &state)
	return state, err
}

// PutResult stores a result.
func (c *Client) PutResult(ctx context.Context, r store.Result) error {
	if err := r.Check(); err != nil {
		return err
	}
	return c.post(ctx, c.timeout, wire.PathResults, true, r, &struct{}{})
}

// Results returns the results of an owner.
func (c *Client) Results(ctx context.Context, owner string, limit int) ([]store.Result, error) {
	var results []store.Result
	query := url.Values{"owner": {owner}, "limit": {strconv.Itoa(limit)}}
	err := c.get(ctx, wire.PathResults+"?"+query.Encode(), &results)
	return results, err
}

// Pin pins a snapshot.
func (c *Client) Pin(ctx context.Context, r store.PinRequest) (store.Pin, error) {
	if err := r.Check(); err != nil {
		return store.Pin{}, err
	}
	var answer store.Pin
	err := c.post(ctx, c.timeout, wire.PathPins, true, wire.PinRequest{ID: r.ID, TTL: r.TTL.Microseconds()}, &answer)
	return answer, err
}

// Unpin ends a pin.
func (c *Client) Unpin(ctx context.Context, id string) error {
	return c.json(ctx, c.timeout, call{method: http.MethodDelete, path: wire.PathPins + "?id=" + url.QueryEscape(id), again: true}, &struct{}{})
}

// Erase removes a person. It is not retried, so that the numbers of the proof are right.
func (c *Client) Erase(ctx context.Context, id event.Identity) (store.Erased, error) {
	var answer store.Erased
	err := c.post(ctx, adminTimeout, wire.PathErase, false, wire.EraseRequest{Identity: id}, &answer)
	return answer, err
}

// EraseIdentity removes one identity. It is not retried either.
func (c *Client) EraseIdentity(ctx context.Context, id event.Identity) (store.Erased, error) {
	var answer store.Erased
	err := c.post(ctx, adminTimeout, wire.PathErase, false, wire.EraseRequest{Identity: id, IdentityOnly: true}, &answer)
	return answer, err
}

// PlanErasure returns what an erasure will remove.
func (c *Client) PlanErasure(ctx context.Context, r store.ErasureRequest) (store.ErasurePlan, error) {
	var answer store.ErasurePlan
	err := c.post(ctx, adminTimeout, wire.PathErasures+"/plan", true, r, &answer)
	return answer, err
}

// EraseAsPlanned carries out the plan. It is not retried.
func (c *Client) EraseAsPlanned(ctx context.Context, r store.ErasureRequest) (store.Receipt, error) {
	var answer store.Receipt
	err := c.post(ctx, adminTimeout, wire.PathErasures, false, r, &answer)
	return answer, err
}

// Receipts returns the receipts of erasures.
func (c *Client) Receipts(ctx context.Context) ([]store.Receipt, error) {
	var answer []store.Receipt
	err := c.get(ctx, wire.PathErasures, &answer)
	return answer, err
}

// Split separates an identity from its person. It is not retried, so that the numbers of the proof are right.
func (c *Client) Split(ctx context.Context, r store.SplitRequest) (store.Parted, error) {
	if err := r.Check(); err != nil {
		return store.Parted{}, err
	}
	var answer store.Parted
	err := c.post(ctx, adminTimeout, wire.PathSplit, false, r, &answer)
	return answer, err
}

// Retain removes old events.
func (c *Client) Retain(ctx context.Context, before time.Time) (store.Retained, error) {
	var answer store.Retained
	err := c.post(ctx, adminTimeout, wire.PathRetain, false, wire.RetainRequest{Before: before.UnixMicro()}, &answer)
	return answer, err
}

func (c *Client) get(ctx context.Context, path string, into any) error {
	return c.json(ctx, c.timeout, call{method: http.MethodGet, path: path, again: true}, into)
}
