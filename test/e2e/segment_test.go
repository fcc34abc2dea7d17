// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// message is one call of Segment's tracking API, in the form of its SDKs.
type message map[string]any

// segment sends batches to a Segment endpoint like an SDK: it retries after 429 and 5xx only.
type segment struct {
	url, writeKey string
	// acked is the number of messages in acknowledged batches.
	acked int
}

// send sends the messages in one batch. It retries until the timeout of the test.
func (s *segment) send(batch []message, sentAt time.Time) error {
	body, err := json.Marshal(map[string]any{"batch": batch, "sentAt": sentAt.UTC().Format(time.RFC3339Nano)})
	if err != nil {
		return err
	}
	var last error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(300 * time.Millisecond) {
		status, text, err := s.post(body)
		switch {
		case err != nil:
			last = err
		case status == http.StatusOK:
			s.acked += len(batch)
			return nil
		case status == http.StatusTooManyRequests || status >= 500:
			last = fmt.Errorf("status %d: %s", status, text)
		default:
			return fmt.Errorf("refused with status %d: %s", status, text)
		}
	}
	return fmt.Errorf("no acknowledgement within %s: %w", patience, last)
}

func (s *segment) post(body []byte) (status int, text string, err error) {
	req, err := http.NewRequest(http.MethodPost, s.url+"/v1/batch", bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.SetBasicAuth(s.writeKey, "")
	client := http.Client{Timeout: 30 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 4096))
	return res.StatusCode, string(answer), err
}

// sendAll sends messages in batches of the given size.
func (s *segment) sendAll(messages []message, size int, sentAt time.Time) error {
	for begin := 0; begin < len(messages); begin += size {
		if err := s.send(messages[begin:min(begin+size, len(messages))], sentAt); err != nil {
			return fmt.Errorf("messages from %d: %w", begin, err)
		}
	}
	return nil
}
