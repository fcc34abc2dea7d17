// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package amplitude

import (
	"encoding/json"
	"net/http"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/sdk"
)

// success is the response to a request of which nothing was refused.
type success struct {
	Code       int   `json:"code"`
	Ingested   int   `json:"events_ingested"`
	Bytes      int64 `json:"payload_size_bytes"`
	UploadTime int64 `json:"server_upload_time"`
}

// failure is the response to a request of which something was refused.
type failure struct {
	Code         int              `json:"code"`
	Error        string           `json:"error"`
	MissingField string           `json:"missing_field,omitempty"`
	Invalid      map[string][]int `json:"events_with_invalid_fields,omitempty"`
	Missing      map[string][]int `json:"events_with_missing_fields,omitempty"`
}

// answer returns the response of Amplitude's servers. SDKs read the code in it rather than the status. If events are refused, it is 400, although the
// others are stored: SDKs leave out the events that it lists, and send the others again, which are recognised by their insert_id.
func answer(r *transport.Request) func(*transport.Result) *transport.Reply {
	length, receivedAt := max(r.Length, 0), r.ReceivedAt
	return func(o *transport.Result) *transport.Reply {
		if o.Success && o.RejectedCount == 0 {
			return encoded(http.StatusOK, success{http.StatusOK, o.Accepted + int(o.Dropped), length, receivedAt.UnixMilli()})
		}
		out := failure{Code: o.Status, Error: o.Error}
		switch {
		case o.Reason == reject.BadToken:
			out.Code, out.Error = http.StatusBadRequest, "Invalid API key"
		case o.RejectedCount > 0:
			out.Code = http.StatusBadRequest
			out.list(o.Rejected)
		}
		return encoded(out.Code, out)
	}
}

// keyMissing is the response to a request without a key.
func keyMissing(*transport.Result) *transport.Reply {
	return encoded(http.StatusBadRequest, failure{Code: http.StatusBadRequest, Error: "Request missing required field", MissingField: "api_key"})
}

// list names the fields of the refused events. A field that is needed is missing, another one is invalid.
func (f *failure) list(refused []transport.Refusal) {
	f.Error = "Request has invalid or missing fields"
	f.Invalid, f.Missing = map[string][]int{}, map[string][]int{}
	for _, r := range refused {
		switch {
		case r.Reason == reject.MissingIdentity:
			f.Missing["user_id"] = append(f.Missing["user_id"], r.Index)
		case r.Reason == reject.MissingEventName:
			f.Missing["event_type"] = append(f.Missing["event_type"], r.Index)
		case r.Field == "":
			f.Invalid["event"] = append(f.Invalid["event"], r.Index)
		default:
			f.Invalid[r.Field] = append(f.Invalid[r.Field], r.Index)
		}
	}
}

// identifyAnswer returns the response of the identify APIs, which is a text.
func identifyAnswer(o *transport.Result) *transport.Reply {
	switch {
	case o.Success && o.RejectedCount == 0:
		return sdk.Text(http.StatusOK, "success")
	case o.Reason == reject.BadToken:
		return sdk.Text(http.StatusBadRequest, "invalid_api_key")
	}
	return nil
}

func encoded(status int, body any) *transport.Reply {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil
	}
	return sdk.JSON(status, string(raw))
}

var notFound = sdk.JSON(http.StatusNotFound, `{"code":404,"error":"unknown endpoint; use /2/httpapi, /batch, /identify or /groupidentify"}`)
