// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/followup"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// setFollowUp creates the reader of records, if the source has one. Without its secret, requests are refused as they are without that of the sender.
func (s *Snapshot) setFollowUp(secret []byte) error {
	key := APIFile(s.Config)
	if key == "" {
		return followup.Check(&s.Config.Source)
	}
	list := lines(secret)
	if len(list) == 0 {
		name := s.Config.Source.Transport.Webhook.SecretRef.Name
		s.APISecretMissing = true
		if s.Problem == "" {
			s.Problem = fmt.Sprintf("the Secret %s with the key %s is missing or empty", name, key)
		}
		s.lacks(store.SecretForReading, name, key, missingOrEmpty)
		return followup.Check(&s.Config.Source)
	}
	var err error
	s.FollowUp, err = followup.New(&s.Config.Source, list[0], s.guard, time.Now)
	return err
}

// cachePart is the part of the memory of large requests that the records of failed requests may use.
const cachePart = 8

// UseMemory lets follow-up reads keep what they read for requests that failed, within the memory of the process.
func (s *Snapshot) UseMemory(b *budget.Budget) { s.FollowUp.Keep(b.Share(), b.MaxHeld()/cachePart) }

// Close ends what the snapshot has opened. Requests that use it can still end.
func (s *Snapshot) Close() { s.FollowUp.Close() }

// Follow reads the records of a request's documents. A failure concerns the whole request, which has to be sent again. While it waits for the API, other
// requests can decode.
func Follow(ctx context.Context, s *Snapshot, r *transport.Request, candidates []transport.Candidate, held *budget.Share) followup.Outcome {
	if s.FollowUp == nil {
		return followup.Outcome{}
	}
	in := mapping.Input{Headers: headersOf(r.Header), Query: queryOf(r.Query), Now: r.ReceivedAt}
	held.Pause()
	return s.FollowUp.Complete(ctx, in, candidates, func(raw []byte) *reject.Rejection {
		if held.Hold(budget.WeightJSON(raw)) != nil {
			return Overloaded()
		}
		return nil
	})
}
