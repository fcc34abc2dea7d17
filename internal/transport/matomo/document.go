// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package matomo

import (
	"strconv"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/clock"
	"github.com/journeyman-dev/journeyman/internal/transport/form"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxAnonymousAge is how long ago a request without a token may have happened. The API has the same limit.
const maxAnonymousAge = 24 * time.Hour

// checked returns the candidate of a request. fields returns the parameters f again, for later.
func (t *adapter) checked(f form.Form, fields func() form.Form, l level, receivedAt time.Time) transport.Candidate {
	if rejection := t.site(f); rejection != nil {
		return transport.Candidate{Rejection: rejection}
	}
	at, rejection := happened(f, l, receivedAt)
	if rejection != nil {
		return transport.Candidate{Rejection: rejection}
	}
	return transport.Candidate{
		ID: orderOf(f), Time: at.At, TimeSource: at.Source, HasTime: true,
		ContentID: func() (string, *reject.Rejection) { return contentID(fields()) },
		Body: func() (any, error) {
			document := fields().Document()
			delete(document, "token_auth")
			return document, nil
		},
		BuiltIn: func() (*event.Event, *reject.Rejection) {
			m := maker{f: fields(), currency: t.currency}
			return m.make()
		},
	}
}

// site refuses a request that Matomo would not track.
func (t *adapter) site(f form.Form) *reject.Rejection {
	n, err := strconv.ParseInt(f["idsite"], 10, 32)
	switch {
	case err != nil || n <= 0:
		return reject.New(reject.BadJSON, "idsite", "every request needs idsite, the number of the site")
	case f["rec"] != "1":
		return reject.New(reject.BadJSON, "rec", "every request needs rec=1")
	case t.sites != nil && !t.sites[strconv.FormatInt(n, 10)]:
		return reject.New(reject.MappingError, "idsite", "the site is not one of spec.transport.matomo.sites")
	}
	return nil
}

// happened returns the time of a request: cdt, which is in UTC and may be old only with a token, or cdo seconds before the receipt. As cdo differs each
// time that the request is sent, the time it gives is one of receipt.
func happened(f form.Form, l level, receivedAt time.Time) (clock.Moment, *reject.Rejection) {
	text := f["cdt"]
	if text == "" {
		out := clock.Receipt(receivedAt)
		if ago, err := strconv.ParseInt(f["cdo"], 10, 32); err == nil {
			out.At -= max(ago, -ago) * time.Second.Microseconds()
			return out, tooOld(out.At, l, receivedAt, "cdo")
		}
		return out, nil
	}
	at, err := clock.Unix(text, clock.Seconds)
	if err != nil {
		var t value.TimeText
		if t, err = value.ReadTime(text); err == nil {
			at = t.At.UnixMicro()
		}
	}
	if err != nil {
		return clock.Moment{}, reject.New(reject.BadTime, "cdt", "the value "+err.Error())
	}
	return clock.Given(at), tooOld(at, l, receivedAt, "cdt")
}

func tooOld(at int64, l level, receivedAt time.Time, field string) *reject.Rejection {
	if l == known || at >= receivedAt.Add(-maxAnonymousAge).UnixMicro() {
		return nil
	}
	return reject.New(reject.BadTime, field, "a request that is older than 24 hours needs token_auth")
}

// orderOf returns the id of an order: an ec_id of a site is one order, however often it is sent. Other requests have no id.
func orderOf(f form.Form) string {
	order := value.Clean(f["ec_id"])
	if f["idgoal"] != "0" || order == "" || (*privacy.Placeholders)(nil).Has("", order) {
		return ""
	}
	return "matomo:" + f["idsite"] + ":order:" + order
}

// delivery are the parameters that may differ when a request is sent again, or say how to answer it. They are not part of its content.
var delivery = []string{"token_auth", "rand", "r", "send_image", "queuedtracking", "cdo", "cip", "bots"}

// contentID identifies a request by its parameters.
func contentID(f form.Form) (string, *reject.Rejection) {
	document := f.Document()
	for _, name := range delivery {
		delete(document, name)
	}
	return transport.ContentID(document)
}
