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
	"github.com/journeyman-dev/journeyman/internal/preset"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/registry"
)

// Offline converts recorded documents to events as a pod of a source would, with the same rules and limits. There is no sender to authenticate and no
// pepper to hash with, and an event counts as received at its time.
type Offline struct {
	snapshot *pipeline.Snapshot
	request  transport.Request
	// transport of the source, which authenticates no sender; nil for a source that was made up for rows.
	transport transport.Transport
	kind      transport.Kind
}

// NewOffline opens the transport of a source and compiles its rules. The error lists what is wrong with them.
func NewOffline(name string, spec *v1alpha1.TouchpointSourceSpec) (*Offline, error) {
	spec, paths, err := preset.Expand(spec)
	if err != nil {
		return nil, err
	}
	o := &Offline{
		snapshot: &pipeline.Snapshot{
			Config: &podconfig.Ingest{Version: podconfig.Version, Namespace: "offline", Name: name, Source: *spec},
			Drop:   pipeline.NewDropList(spec.DropFields),
		},
		// This is later than any event, so no event is ahead of its receipt.
		request: transport.Request{ReceivedAt: time.Date(2199, 12, 31, 0, 0, 0, 0, time.UTC)},
	}
	if o.kind, err = registry.Of(&spec.Transport); err == nil {
		if o.transport, err = o.kind.New(transport.Settings{Spec: spec, Recorded: true}); err != nil {
			return o, err
		}
	}
	if len(spec.Mapping) == 0 {
		return o, nil
	}
	rules, err := mapping.Compile(spec.Mapping, paths...)
	o.snapshot.Rules = rules
	return o, err
}

// Files returns the settings of a source whose events come from files, completed by its preset; nil for another one.
func (o *Offline) Files() *v1alpha1.FilesTransport { return o.snapshot.Config.Source.Transport.Files }

// Candidate converts a record of a file to events.
func (o *Offline) Candidate(c transport.Candidate) Mapped {
	return o.mapped(o.withHeader(nil), []transport.Candidate{c})
}

// Nobody adds the placeholders of an EventStore.
func (o *Offline) Nobody(words []v1alpha1.Placeholder) { o.snapshot.SetNobody(words) }

// Hide removes the identifiers of a store's policy from names and longer texts, as a pod does. Where a pod would hash an identifier, it is in its
// normal form: there is no pepper, and equal values stay equal.
func (o *Offline) Hide(policy *v1alpha1.PrivacyPolicy) {
	if policy != nil {
		o.snapshot.Hasher = privacy.NewClear(policy.Hash)
	}
}

// Mapped is the result of one recorded document.
type Mapped struct {
	// Events of the document.
	Events []event.Event
	// Dropped is set if it was left out on purpose: by a mapping rule, for lack of consent, or because it is technical.
	Dropped bool
	// Placeholders is the number of identifiers that were left out because they are placeholders. Nothings counts those of orders, sessions and groups
	// among them, by field.
	Placeholders int64
	Nothings     map[string]int64
	// PlaceholderIDs is the number of events whose id was a placeholder, and was ignored.
	PlaceholderIDs int64
	// Rejected lists what was wrong with it.
	Rejected []*reject.Rejection
}

// Map converts one document to events. content returns the id if neither a rule nor the document has one; nil uses the content of the document.
// header is that of its request, or nil. builtIn converts a document that no rule matches; if it is nil, such a document is refused.
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
