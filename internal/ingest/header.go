// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

const (
	// maxHeaders is the number of headers of a request. Many short ones each take twenty times their bytes in memory.
	maxHeaders = 100
	// maxParameters is the number of parameters of a query, for the same reason. A page view of Matomo or Snowplow has about fifty.
	maxParameters = 500
	// headerWeight is the memory of a header, or of a query parameter, in addition to its bytes.
	headerWeight = 128
)

// holdHeader reserves the memory of the head of a request, and refuses one with too many headers.
func holdHeader(s *budget.Share, r *http.Request) *reject.Rejection {
	parameters := strings.Count(r.URL.RawQuery, "&") + 1
	if parameters > maxParameters {
		return reject.New(reject.HeadersTooLarge, "", fmt.Sprintf("the query has more than %d parameters", maxParameters))
	}
	n, bytes := 0, parameters*headerWeight+len(r.RequestURI)
	for name, values := range r.Header {
		n += len(values)
		for _, v := range values {
			bytes += headerWeight + len(name) + len(v)
		}
	}
	if n > maxHeaders {
		return reject.New(reject.HeadersTooLarge, "", fmt.Sprintf("the request has more than %d headers", maxHeaders))
	}
	if s.Hold(int64(bytes)) != nil {
		return pipeline.Overloaded()
	}
	return nil
}
