// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"fmt"
	"time"

	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// Part is the result of the first documents of a batch that was fetched.
type Part struct {
	Outcome
	// Ends[i] is the number of events after document i. Its length is the number of documents that were converted.
	Ends []int
	// Alone is set if the first document was refused because its events need too much memory. It may fit if less is held.
	Alone bool
	// Bad are the indexes of the documents of which something was refused.
	Bad []int
}

// ProcessPart converts as many candidates as the memory of one append allows, at least one. Nobody could send a fetched batch again in smaller parts,
// so a document whose events alone need too much is refused by itself. Each document has a budget of its own for rules.
func ProcessPart(s *Snapshot, receivedAt time.Time, candidates []transport.Candidate, held *budget.Share) Part {
	p := newProcessor(s, &transport.Request{ReceivedAt: receivedAt}, len(candidates), held)
	ends, alone := make([]int, 0, len(candidates)), false
	var bad []int
	for i := range candidates {
		before, placeholders, left := p.out, p.finisher.placeholders, p.left
		p.out = Outcome{Events: before.Events}
		p.budget, p.first = mapping.NewBudget(), len(before.Events)
		done := p.observe(i, &candidates[i])
		if failed := p.guarded(i, &candidates[i]); failed != nil {
			p.out, p.finisher.placeholders, p.left = Outcome{Events: before.Events}, placeholders, left
			p.reject(i, failed)
		}
		done()
		if whole := p.out.Whole; whole != nil {
			p.out, p.finisher.placeholders, p.left = before, placeholders, left
			if i > 0 {
				break
			}
			alone = true
			p.reject(i, reject.New(reject.BodyTooLarge, "", "the events of one document need too much memory; map less of it"))
		} else {
			p.join(&before)
		}
		ends = append(ends, len(p.out.Events))
		if p.out.Refused > before.Refused {
			bad = append(bad, i)
		}
	}
	p.out.Counters.Placeholders = p.finisher.placeholders
	return Part{Outcome: p.out, Ends: ends, Alone: alone, Bad: bad}
}

// guarded converts a document, and refuses one at which this program fails: it would fail at it again, and the source would stop for ever. The value of
// the panic can contain the document.
func (p *processor) guarded(i int, c *transport.Candidate) (failed *reject.Rejection) {
	defer func() {
		if v := recover(); v != nil {
			failed = reject.New(reject.MappingError, "", fmt.Sprintf("an internal error of this program (%T); report it", v))
		}
	}()
	p.candidate(i, c)
	return nil
}

// join adds what was before the latest document to its result.
func (p *processor) join(before *Outcome) {
	made := p.out
	p.out = *before
	p.out.Events = made.Events
	if !made.Counters.Empty() {
		p.out.Counters.Add(made.Counters)
	}
	p.out.Refused += made.Refused
	for _, r := range made.Rejected {
		if len(p.out.Rejected) < maxListed {
			p.out.Rejected = append(p.out.Rejected, r)
		}
	}
}
