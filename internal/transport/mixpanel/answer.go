// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mixpanel

import (
	"encoding/json"
	"net/http"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/sdk"
)

// answer returns the response of Mixpanel's servers. A strict import describes each refused event; all others get a 1, or a 0, with the reason if they
// ask for it.
func answer(path string, strict bool, verbose string) func(*transport.Result) *transport.Reply {
	return func(o *transport.Result) *transport.Reply {
		var reply *transport.Reply
		switch {
		case path == importPath && (strict || verbose == ""):
			reply = imported(o)
		case verbose == "1":
			reply = described(o)
		case o.Success:
			reply = sdk.Text(o.Status, "1")
		default:
			reply = sdk.Text(o.Status, "0")
		}
		return reply
	}
}

func described(o *transport.Result) *transport.Reply {
	status := 0
	if o.Success {
		status = 1
	}
	return encoded(o.Status, struct {
		Error  string `json:"error"`
		Status int    `json:"status"`
	}{o.Error, status})
}

// failed is one refused event of an import.
type failed struct {
	Index   int    `json:"index"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

// report is the response to a strict import.
type report struct {
	Code     int      `json:"code"`
	Error    string   `json:"error,omitempty"`
	Imported int      `json:"num_records_imported"`
	Status   string   `json:"status"`
	Failed   []failed `json:"failed_records,omitempty"`
}

// imported returns the response to a strict import. If one event is refused, its status is 400, although the others are stored: the sender repairs the
// ones that it lists, and sends them again.
func imported(o *transport.Result) *transport.Reply {
	out := report{Code: o.Status, Error: o.Error, Imported: o.Accepted}
	if o.RejectedCount > 0 {
		out.Code, out.Error = http.StatusBadRequest, "some data points in the request failed validation"
	}
	out.Status = http.StatusText(out.Code)
	for _, r := range o.Rejected {
		out.Failed = append(out.Failed, failed{Index: r.Index, Field: r.Field, Message: r.Message})
	}
	if o.Reason == reject.BadToken {
		out.Status = "Unauthorized"
	}
	return encoded(out.Code, out)
}

func encoded(status int, body any) *transport.Reply {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil
	}
	return sdk.JSON(status, string(raw))
}

var notFound = sdk.JSON(http.StatusNotFound, `{"status":0,"error":"unknown endpoint; use /track, /import, /engage or /groups"}`)
