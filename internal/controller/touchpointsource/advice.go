// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"slices"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/store"
)

const (
	// repeatedOf is the share of accepted events, one in repeatedOf, above which there are more duplicates than retries explain.
	repeatedOf = 2
	// repeatedFrom is the number of duplicates from which the share is meaningful.
	repeatedFrom = 100
)

// advice returns what to change so that the numbers are reliable. It contains no numbers: they are next to it, and a text that changes with every
// poll would cause a write of the status each time.
func advice(spec *v1alpha1.TouchpointSourceSpec, s *store.SourceState) []string {
	var out []string
	if s.Counters.WithoutID > 0 {
		out = append(out, "Events without an id and without a time are new each time they are received, so "+
			either(spec, "a request that is sent again", "a document that is read again")+" counts again (withoutID). "+giveID(spec))
	}
	if s.Counters.Rejected[reject.Missed].Count > 0 {
		out = append(out, "Documents are missing, because they were removed at the source before they were read (missed in rejectReasons). "+
			"Let the source keep documents longer than the longest outage, and load what is missing from elsewhere.")
	}
	if s.Counters.PlaceholderIDs > 0 {
		out = append(out, "Some events have a placeholder as their id, such as undefined, null or 0 (placeholderIDs). A placeholder is not used as an id: "+
			"such an event is recognised by "+either(spec, "its content, or by its receipt if it has no time", "the document that it came in")+". "+
			"Let the sender set a unique id for each event, or omit the id.")
	}
	if s.Counters.Uncorrected > 0 {
		out = append(out, "Some messages have a sentAt that cannot correct their clock: it is older than the message, or more than a day off. "+
			"Their timestamps are used unchanged (uncorrected). Let the sender set sentAt when it sends, or omit it for imports and replays.")
	}
	if s.Duplicates >= repeatedFrom && s.Duplicates >= s.Counters.Accepted/repeatedOf {
		out = append(out, "At least half of the accepted events had been received before and were not counted again (duplicates). "+
			"Unless "+either(spec, "the sender repeats requests", "documents are delivered again")+", several events share one id: make the id unique for each event.")
	}
	return out
}

// unbounded is the advice for a source whose spec.allowFrom has no effect.
const unbounded = "spec.allowFrom has no effect: this operator creates no NetworkPolicies (--network-policies=None). Change that flag, " +
	"create a NetworkPolicy for the pods of the source yourself, or remove spec.allowFrom."

// withUnbounded puts the advice about spec.allowFrom before other advice. It does not depend on the store.
func withUnbounded(spec *v1alpha1.TouchpointSourceSpec, n resources.Network, other []string) []string {
	other = slices.DeleteFunc(slices.Clone(other), func(a string) bool { return a == unbounded })
	if len(spec.AllowFrom) == 0 || n.Made() {
		return other
	}
	return slices.Insert(other, 0, unbounded)
}

// giveID returns how to set an id.
func giveID(spec *v1alpha1.TouchpointSourceSpec) string {
	switch t := &spec.Transport; {
	case t.Segment != nil:
		return "Let the sender give each message a messageId, or a timestamp."
	case t.GA4 != nil:
		return "Let the sender set timestamp_micros."
	case t.Snowplow != nil:
		return "Let the tracker send eid, or dtm."
	case t.Matomo != nil:
		return "Let the sender set cdt."
	case t.MQTT != nil:
		return "Let the publisher set the user property message-id, or set spec.mapping[].event.id to what identifies the event in the document, or " +
			"event.time to its time."
	case t.AMQP != nil:
		return "Let the publisher set message_id, or set spec.mapping[].event.id to what identifies the event in the document, or event.time to its time."
	}
	return "Set spec.mapping[].event.id to what identifies the event in the document, or event.time to its time."
}
