// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/test/rig/restapi"
)

func TestMain(m *testing.M) {
	restapi.Main()
	pulltest.Main(m)
}

// system is a list of the API.
type system struct {
	*restapi.Server
	rest   v1alpha1.RESTTransport
	secret string
	// exact is set if no record is ever read twice.
	exact bool
}

func (s *system) Transport() v1alpha1.Transport {
	return v1alpha1.Transport{REST: &s.rest}
}

func (s *system) Files() map[string][]byte {
	return map[string][]byte{podconfig.FilePassword: []byte(s.secret + "\n")}
}

func (s *system) ExactlyOnce() bool { return s.exact }

func day(year int, month time.Month) *metav1.Time {
	at := metav1.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	return &at
}

// list returns an API with a list, whose settings a test can change.
func list(t *testing.T, path string) *system {
	t.Helper()
	s := &system{Server: restapi.Start(t), secret: restapi.Key}
	s.rest = v1alpha1.RESTTransport{
		URL: s.URL(path), SecretRef: &v1alpha1.SecretKeyReference{Name: "api"}, PollEvery: "1s", ID: &v1alpha1.RESTRecordID{Field: "id"},
	}
	many := int32(1000)
	s.rest.RequestsPerSecond = &many
	return s
}

// stripe polls the events of Stripe since a time, newest first.
func stripe(t *testing.T) *system {
	s := list(t, "/v1/events")
	s.rest.Query = map[string]v1alpha1.RESTValue{"limit": "7", "starting_after": "$(cursor)", "created[gte]": "$(since)"}
	s.rest.Credentials = &v1alpha1.APICredentials{Basic: &v1alpha1.APIBasic{}}
	s.rest.RecordsPath = "data"
	s.rest.Pagination = &v1alpha1.RESTPagination{Cursor: &v1alpha1.RESTCursor{LastRecord: "id", MorePath: "has_more"}}
	s.rest.Incremental = &v1alpha1.RESTIncremental{Time: &v1alpha1.RESTTime{
		Field: "created", Format: v1alpha1.RESTUnixSeconds, Overlap: "5s", // Else, each of many polls reads all records.
	}}
	return s
}

// zendesk continues with the cursor of the last poll, with a token of OAuth 2.
func zendesk(t *testing.T) *system {
	s := list(t, "/api/v2/incremental/tickets/cursor")
	s.secret, s.exact = restapi.ClientSecret, true
	s.rest.Credentials = &v1alpha1.APICredentials{OAuth2: &v1alpha1.APIOAuth2{
		TokenURL: s.URL("/oauth/token"), ClientID: "journeyman", Scopes: []string{"read"},
	}}
	s.rest.Query = map[string]v1alpha1.RESTValue{"per_page": "7", "cursor": "$(cursor)", "start_time": "$(since)"}
	s.rest.RecordsPath = "tickets"
	s.rest.Pagination = &v1alpha1.RESTPagination{Cursor: &v1alpha1.RESTCursor{Path: "after_cursor", EndPath: "end_of_stream"}}
	s.rest.Incremental = &v1alpha1.RESTIncremental{SavedCursor: &v1alpha1.RESTSavedCursor{
		Start: day(2020, 1), Format: v1alpha1.RESTUnixSeconds,
	}}
	return s
}

// github follows the header Link.
func github(t *testing.T) *system {
	s := list(t, "/repos/shop/orders/issues")
	s.rest.Query = map[string]v1alpha1.RESTValue{"per_page": "7", "since": "$(since)"}
	s.rest.Pagination = &v1alpha1.RESTPagination{LinkHeader: &v1alpha1.RESTLinkHeader{}}
	s.rest.ID.VersionField = "updated_at"
	s.rest.Incremental = &v1alpha1.RESTIncremental{Time: &v1alpha1.RESTTime{Field: "updated_at", Overlap: "1m"}}
	return s
}

func TestZendesk(t *testing.T) {
	t.Parallel()
	pulltest.Run(t, func(t *testing.T) pulltest.System { return zendesk(t) })
}

// Ingestion, the program of the store and the API are killed, and each record counts once.
func TestAllAreKilled(t *testing.T) {
	t.Parallel()
	pulltest.RunKills(t, stripe(t), pulltest.Kills()/5, 3)
}

// The other ways to find pages, and to ask for new records.
func TestOtherLists(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(s *system, r *v1alpha1.RESTTransport){
		"a time, newest first": func(s *system, _ *v1alpha1.RESTTransport) { *s = *stripe(t) },
		"the header Link":      func(s *system, _ *v1alpha1.RESTTransport) { *s = *github(t) },
		"page numbers": func(s *system, r *v1alpha1.RESTTransport) {
			r.URL, r.Query = s.URL("/repos/shop/orders/issues"), map[string]v1alpha1.RESTValue{"page": "$(page)", "per_page": "7"}
			r.Pagination = &v1alpha1.RESTPagination{PageNumber: &v1alpha1.RESTPageNumber{}}
		},
		"offset, and a key in the query": func(s *system, r *v1alpha1.RESTTransport) {
			r.URL, r.RecordsPath = s.URL("/odata/orders"), "value"
			r.Query = map[string]v1alpha1.RESTValue{"$skip": "$(offset)", "$top": "7"}
			r.Pagination = &v1alpha1.RESTPagination{Offset: &v1alpha1.RESTOffset{}}
			r.Credentials = &v1alpha1.APICredentials{Parameter: "api_key"}
		},
		"a link in the body that repeats the key": func(s *system, r *v1alpha1.RESTTransport) {
			r.URL, r.RecordsPath, r.Query = s.URL("/odata/orders"), "value", map[string]v1alpha1.RESTValue{"$top": "7"}
			r.Pagination = &v1alpha1.RESTPagination{NextLink: &v1alpha1.RESTNextLink{Path: `@odata\.nextLink`}}
			r.Credentials = &v1alpha1.APICredentials{Parameter: "api_key"}
		},
		"a cursor in a body": func(s *system, r *v1alpha1.RESTTransport) {
			r.URL, r.RecordsPath, r.Body = s.URL("/search"), "results", `{"limit":7,"after":"$(cursor)"}`
			r.Pagination = &v1alpha1.RESTPagination{Cursor: &v1alpha1.RESTCursor{Path: "paging.next.after"}}
		},
		"a number in a body": func(s *system, r *v1alpha1.RESTTransport) {
			size := int32(7)
			r.URL, r.RecordsPath, r.Body = s.URL("/search"), "results", `{"limit":7,"offset":"$(offset)"}`
			r.Pagination = &v1alpha1.RESTPagination{Offset: &v1alpha1.RESTOffset{Size: &size}}
		},
		"windows of NDJSON": func(s *system, r *v1alpha1.RESTTransport) {
			r.URL, r.Format = s.URL("/api/2.0/export"), v1alpha1.RESTNDJSON
			r.Query = map[string]v1alpha1.RESTValue{"from_date": "$(since)", "to_date": "$(until)"}
			r.Incremental = &v1alpha1.RESTIncremental{Time: &v1alpha1.RESTTime{
				Format: v1alpha1.RESTDate, Start: day(2026, 11), Window: "7d", Overlap: "1d",
			}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := list(t, "/")
			change(s, &s.rest)
			p := pulltest.NewPod(t, s)
			s.Write(t, pulltest.Documents(0, 50)...)
			p.Run()
			p.Await(50)
			s.Write(t, pulltest.Documents(50, 64)...)
			p.Await(64)
			p.Check(64, true)
			require.NotContains(t, position(t, p), restapi.Key)
		})
	}
}
