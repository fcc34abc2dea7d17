// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"net/http"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// Offline turns recorded documents into events as a pod of a source would, by the same rules and limits. There is no sender to
// verify, there is no pepper to hash with, and an event counts as received when it happened.
type Offline struct {
	snapshot *pipeline.Snapshot
	request  transport.Request
	// transport of the source, which takes every sender; nil for a source that was made up. kind is its name.
	transport transport.Transport
	kind      string
}

// NewOffline opens the transport of a source and compiles the rules of a source; the error lists what is wrong with them.
func NewOffline(name string, spec *v1alpha1.TouchpointSourceSpec) (*Offline, error) {
	o := &Offline{
		snapshot: &pipeline.Snapshot{
			Config: &podconfig.Ingest{Version: podconfig.Version, Namespace: "offline", Name: name, Source: *spec},
			Drop:   pipeline.NewDropList(spec.Drop),
		},
		// Later than any event, so that none lies ahead of its receipt.
		request: transport.Request{ReceivedAt: time.Date(2199, 12, 31, 0, 0, 0, 0, time.UTC)},
	}
	var err error
	if o.transport, o.kind, err = unlocked(spec); err != nil || len(spec.Mapping) == 0 {
		return o, err
	}
	rules, err := mapping.Compile(spec.Mapping)
	o.snapshot.Rules = rules
	return o, err
}

// Nobody adds an EventStore's own words for nobody.
func (o *Offline) Nobody(words []v1alpha1.Placeholder) { o.snapshot.SetNobody(words) }

// Hide takes the identifiers of a store's policy out of names and longer texts, as a pod does. Where it would hash one, that is in its normal form:
// there is no pepper, and what is equal stays equal.
func (o *Offline) Hide(policy *v1alpha1.PrivacyPolicy) {
	if policy != nil {
		o.snapshot.Hasher = privacy.NewClear(policy.Hash)
	}
}

// Mapped is the result of one recorded document.
type Mapped struct {
	// Events that it made.
	Events []event.Event
	// Dropped says that a rule threw it away on purpose.
	Dropped bool
	// Placeholders is the number of identifiers that were left out because they stand for nobody and nothing; Nothings are those of orders, sessions
	// and groups among them, by field.
	Placeholders int64
	Nothings     map[string]int64
	// PlaceholderIDs is the number of events whose id was a word for nothing, which is none.
	PlaceholderIDs int64
	// Rejected lists what was wrong with it.
	Rejected []*reject.Rejection
}

// Map turns one document into events. content identifies it where neither a rule nor the document itself does; nil for its content.
// header is that of the request that brought it, nil for none. builtIn is asked for the event where no rule wants the document; nil refuses such a document.
func (o *Offline) Map(document any, content func() (string, *reject.Rejection), header http.Header, builtIn func() (*event.Event, *reject.Rejection)) Mapped {
	if content == nil {
		content = func() (string, *reject.Rejection) { return transport.ContentID(document) }
	}
	list := []transport.Candidate{{ContentID: content, Body: func() (any, error) { return document, nil }}}
	if builtIn != nil {
		list[0].BuiltIn = func() (*event.Event, *reject.Rejection) {
			e, r := builtIn()
			if r == nil {
				list[0].ID, list[0].Time, list[0].TimeSource, list[0].HasTime = e.ID, e.Time, event.TimeFromEvent, true
			}
			return e, r
		}
	}
	return o.mapped(o.withHeader(header), list)
}
