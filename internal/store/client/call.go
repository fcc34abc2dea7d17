// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

const (
	// attempts is the number of attempts of retryable calls. The waits between them are firstWait and twice that, each with up to 50 % jitter.
	attempts  = 3
	firstWait = 100 * time.Millisecond
	// maxErrorBody is the size of an error response. It can list the events of a batch, with a bit for each.
	maxErrorBody = 512 << 10
)

// call is one request.
type call struct {
	method, path string
	mediaType    string
	body         []byte
	// secret of a load; empty for other calls.
	secret string
	// again is set if the call is idempotent.
	again bool
}

// send makes the request, and retries if that is harmless. A returned response is a success; the caller closes its body.
func (c *Client) send(ctx context.Context, q call) (*http.Response, error) {
	wait := firstWait
	for attempt := 1; ; attempt++ {
		answer, err := c.sendOnce(ctx, q)
		if err == nil || !q.again || attempt == attempts || !errors.Is(err, store.ErrUnavailable) {
			return answer, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(wait + rand.N(wait/2)):
		}
		wait *= 2
	}
}

func (c *Client) sendOnce(ctx context.Context, q call) (*http.Response, error) {
	key, err := c.key.Get()
	if err != nil {
		return nil, unavailable(fmt.Errorf("key of the store: %w", err))
	}
	request, err := http.NewRequestWithContext(ctx, q.method, c.base+q.path, bytes.NewReader(q.body))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrInvalid, err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set(wire.HeaderProtocol, strconv.Itoa(store.ProtocolVersion))
	if q.mediaType != "" {
		request.Header.Set("Content-Type", q.mediaType)
	}
	if q.secret != "" {
		request.Header.Set(wire.HeaderLoadSecret, q.secret)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, unavailable(err)
	}
	if answer.StatusCode == http.StatusOK {
		return answer, nil
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxErrorBody))
	// Everything that matters was read, or err is set.
	_ = answer.Body.Close()
	if err != nil && len(body) == 0 {
		return nil, unavailable(err)
	}
	return nil, wire.ErrorOf(answer.StatusCode, body)
}

// json makes a call with a JSON response.
func (c *Client) json(ctx context.Context, timeout time.Duration, q call, into any) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answer, err := c.send(ctx, q)
	if err != nil {
		return err
	}
	err = json.NewDecoder(answer.Body).Decode(into)
	// The rest is read so that the connection can be reused.
	_, drainErr := io.Copy(io.Discard, answer.Body)
	if err := errors.Join(err, drainErr, answer.Body.Close()); err != nil {
		return unavailable(fmt.Errorf("read the response: %w", err))
	}
	return nil
}

// post makes a call with a JSON body.
func (c *Client) post(ctx context.Context, timeout time.Duration, path string, again bool, request, into any) error {
	return c.postWith(ctx, timeout, call{path: path, again: again}, request, into)
}

// postWith makes a call with a JSON body and what else the call has.
func (c *Client) postWith(ctx context.Context, timeout time.Duration, q call, request, into any) (err error) {
	if q.body, err = json.Marshal(request); err != nil {
		return fmt.Errorf("%w: %w", store.ErrInvalid, err)
	}
	q.method, q.mediaType = http.MethodPost, "application/json"
	return c.json(ctx, timeout, q, into)
}

// unavailable hides an io.EOF in the error, which callers read as the regular end of a scan.
func unavailable(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %v", store.ErrUnavailable, err) //nolint:errorlint // hidden on purpose, see above
	}
	return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
}
