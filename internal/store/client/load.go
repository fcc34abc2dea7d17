// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

// BeginLoad begins a load.
func (c *Client) BeginLoad(ctx context.Context, r store.LoadRequest) (store.LoadState, error) {
	var answer store.LoadState
	err := c.postWith(ctx, c.timeout, call{path: wire.PathLoads, secret: r.Secret, again: true}, r, &answer)
	return answer, err
}

// LoadPart sends a part. It is retried, because a part that the store has changes nothing.
func (c *Client) LoadPart(ctx context.Context, ref store.LoadRef, part int64, events []event.Event) (store.LoadState, error) {
	var answer store.LoadState
	b := store.Batch{Events: events}
	if len(events) > 0 {
		b.Source = events[0].Source
	}
	body, err := wire.EncodeBatch(b)
	if err != nil {
		return answer, fmt.Errorf("%w: %w", store.ErrInvalid, err)
	}
	query := url.Values{"id": {ref.ID}, "part": {strconv.FormatInt(part, 10)}}
	err = c.json(ctx, c.timeout, call{
		method: http.MethodPost, path: wire.PathLoads + "/parts?" + query.Encode(), mediaType: wire.ArrowStream, body: body, secret: ref.Secret,
		again: true,
	}, &answer)
	return answer, err
}

// CommitLoad commits a load, which can take minutes. It is retried: the store commits once.
func (c *Client) CommitLoad(ctx context.Context, q store.LoadCommit) (store.Loaded, error) {
	var answer store.Loaded
	err := c.postWith(ctx, adminTimeout, call{path: wire.PathLoads + "/commit", secret: q.Secret, again: true}, q, &answer)
	return answer, err
}

// Load returns the progress of a load.
func (c *Client) Load(ctx context.Context, id string) (store.LoadState, error) {
	var answer store.LoadState
	err := c.get(ctx, wire.PathLoads+"?id="+url.QueryEscape(id), &answer)
	return answer, err
}

// EndLoad drops a load.
func (c *Client) EndLoad(ctx context.Context, ref store.LoadRef) error {
	path := wire.PathLoads + "?id=" + url.QueryEscape(ref.ID)
	return c.json(ctx, c.timeout, call{method: http.MethodDelete, path: path, secret: ref.Secret, again: true}, &struct{}{})
}
