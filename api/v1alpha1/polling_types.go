// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// RESTTransport asks an HTTP API for its records again and again, page by page.
//
// query and body can contain placeholders: $(cursor), $(page), $(offset), $(since) and $(until). A parameter, or a field of body, whose placeholder has no
// value is left out.
//
// +kubebuilder:validation:XValidation:rule="!has(self.credentials) || has(self.secretRef)",message="set secretRef, too: credentials say how requests carry its secret"
// +kubebuilder:validation:XValidation:rule="!has(self.incremental) || !has(self.incremental.savedCursor) || has(self.pagination) && has(self.pagination.cursor)",message="set pagination.cursor, too: savedCursor continues with its last cursor"
type RESTTransport struct {
	// url of the list, for example https://api.example.com/v1/orders. The secret is sent only to its scheme, host and port.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:Pattern=`^https?://[^\s?#@]+$`
	URL string `json:"url,omitempty"`

	// query has the parameters of the query. Default: none.
	// +optional
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(p, size(p) <= 128)",message="parameters have names of at most 128 characters"
	Query map[string]RESTValue `json:"query,omitempty"`

	// headers of the requests, without credentials. Default: Accept and User-Agent only.
	// +optional
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(h, h.matches('^[A-Za-z0-9-]{1,64}$'))",message="names of headers have up to 64 letters, digits and hyphens"
	// +kubebuilder:validation:XValidation:rule="!self.exists(h, h.lowerAscii() in ['authorization', 'cookie', 'host', 'content-length', 'content-type', 'transfer-encoding', 'connection'])",message="remove this header: put credentials into secretRef, and leave the rest to the pods"
	Headers map[string]RESTValue `json:"headers,omitempty"`

	// body is a JSON text that is sent by POST, for APIs whose lists are searches. Default: requests are GET.
	// +optional
	// +kubebuilder:validation:MinLength=2
	// +kubebuilder:validation:MaxLength=8192
	Body string `json:"body,omitempty"`

	// secretRef refers to the key, token, password or client secret. Only the first line is used. Default: requests have no credentials.
	// +optional
	SecretRef *SecretKeyReference `json:"secretRef,omitempty"`

	// credentials says how requests carry the secret. Default: the header "Authorization: Bearer SECRET".
	// +optional
	Credentials *APICredentials `json:"credentials,omitempty"`

	// tls says which certificate of the server is accepted, and presents one. Default: the usual public authorities.
	// +optional
	TLS *ClientTLS `json:"tls,omitempty"`

	// format of a response: JSON, or NDJSON with a record in each line. Default: JSON.
	// +optional
	Format RESTFormat `json:"format,omitempty"`

	// recordsPath is where the list of records is in a JSON response. Default: the response is the list.
	// +optional
	RecordsPath JSONPath `json:"recordsPath,omitempty"`

	// id says what identifies a record. Default: its whole content.
	// +optional
	ID *RESTRecordID `json:"id,omitempty"`

	// pagination says how the next page is found. Default: there is one page.
	// +optional
	Pagination *RESTPagination `json:"pagination,omitempty"`

	// incremental says how a poll asks for new records only. Default: each poll reads all of them.
	// +optional
	Incremental *RESTIncremental `json:"incremental,omitempty"`

	// pollEvery is the time between the end of a poll and the next one. Default: 5m.
	// +optional
	PollEvery Duration `json:"pollEvery,omitempty"`

	// requestsPerSecond to the API. Default: 5.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	RequestsPerSecond *int32 `json:"requestsPerSecond,omitempty"`
}

// RESTValue is the value of a parameter or a header.
//
// +kubebuilder:validation:MaxLength=1024
type RESTValue string

// JSONPath is a field in a document: names separated by dots, such as data.items. A dot in a name has a backslash before it.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:Pattern=`^([^.\\?]|\\[.\\])+(\.([^.\\?]|\\[.\\])+)*$`
type JSONPath string

// RESTFormat is the format of responses.
//
// +kubebuilder:validation:Enum=JSON;NDJSON
type RESTFormat string

// Values of format.
const (
	// RESTJSON responses are one JSON document.
	RESTJSON RESTFormat = "JSON"
	// RESTNDJSON responses have a JSON document in each line.
	RESTNDJSON RESTFormat = "NDJSON"
)

// RESTRecordID identifies a record, so that one that is read again counts once.
type RESTRecordID struct {
	// field with the id of a record.
	// +required
	Field JSONPath `json:"field,omitempty"`

	// versionField changes whenever the record does, such as updated_at. Each version is an event of its own. Default: only the first version is one.
	// +optional
	VersionField JSONPath `json:"versionField,omitempty"`
}

// RESTPagination is a union of the ways to find the next page.
//
// +kubebuilder:validation:XValidation:rule="[has(self.cursor), has(self.pageNumber), has(self.offset), has(self.linkHeader), has(self.nextLink)].filter(x, x).size() == 1",message="set exactly one of cursor, pageNumber, offset, linkHeader and nextLink"
type RESTPagination struct {
	// cursor is a value that the API gives with a page, and that the next request has as $(cursor).
	// +optional
	Cursor *RESTCursor `json:"cursor,omitempty"`

	// pageNumber counts pages; a request has the number as $(page). The first page without records is the last one.
	// +optional
	PageNumber *RESTPageNumber `json:"pageNumber,omitempty"`

	// offset counts records; a request has the number of records before the page as $(offset). The first page without records is the last one.
	// +optional
	Offset *RESTOffset `json:"offset,omitempty"`

	// linkHeader follows the header Link with rel="next" (RFC 8288). A link to another scheme, host or port is refused.
	// +optional
	LinkHeader *RESTLinkHeader `json:"linkHeader,omitempty"`

	// nextLink follows a URL in the response. A link to another scheme, host or port is refused.
	// +optional
	NextLink *RESTNextLink `json:"nextLink,omitempty"`

	// maxPages of one poll. A poll with more ends with an error, because the pages could be a loop. Default: 10000.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000
	MaxPages *int32 `json:"maxPages,omitempty"`
}

// RESTCursor says where the cursor is. Pages end when there is none, or as morePath and endPath say.
//
// +kubebuilder:validation:XValidation:rule="has(self.path) != has(self.lastRecord)",message="set exactly one of path and lastRecord"
// +kubebuilder:validation:XValidation:rule="!has(self.morePath) || !has(self.endPath)",message="set at most one of morePath and endPath"
type RESTCursor struct {
	// path of the cursor in the response. Example: meta.after_cursor
	// +optional
	Path JSONPath `json:"path,omitempty"`

	// lastRecord is a field of the last record of the page, which is the cursor. Example: id
	// +optional
	LastRecord JSONPath `json:"lastRecord,omitempty"`

	// morePath of a field in the response that is true while there are more pages. Example: has_more
	// +optional
	MorePath JSONPath `json:"morePath,omitempty"`

	// endPath of a field in the response that is true on the last page. Example: end_of_stream
	// +optional
	EndPath JSONPath `json:"endPath,omitempty"`
}

// RESTPageNumber counts pages.
type RESTPageNumber struct {
	// first is the number of the first page. Default: 1.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1
	First *int32 `json:"first,omitempty"`

	// size of a page: one with fewer records is the last. Default: a page without records is the last.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100000
	Size *int32 `json:"size,omitempty"`
}

// RESTOffset counts records.
type RESTOffset struct {
	// size of a page: one with fewer records is the last. Default: a page without records is the last.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100000
	Size *int32 `json:"size,omitempty"`
}

// RESTLinkHeader has no settings.
type RESTLinkHeader struct{}

// RESTNextLink says where the URL of the next page is.
type RESTNextLink struct {
	// path of the URL in the response. Example: links.next
	// +required
	Path JSONPath `json:"path,omitempty"`
}

// RESTIncremental is a union of the ways to ask for new records only.
//
// +kubebuilder:validation:XValidation:rule="has(self.time) != has(self.savedCursor)",message="set exactly one of time and savedCursor"
type RESTIncremental struct {
	// time asks for records since a time, which a request has as $(since).
	// +optional
	Time *RESTTime `json:"time,omitempty"`

	// savedCursor continues with the last cursor of the poll before, for APIs whose cursor stays valid at the end of the list.
	// +optional
	SavedCursor *RESTSavedCursor `json:"savedCursor,omitempty"`
}

// RESTTime asks for records since a time.
//
// +kubebuilder:validation:XValidation:rule="!has(self.window) || has(self.start)",message="set start, too: windows begin there"
type RESTTime struct {
	// field of a record with its time, by which the API selects. Records can have any order. Default: the time of the last poll is used, by the clock of
	// the server.
	// +optional
	Field JSONPath `json:"field,omitempty"`

	// format of $(since), $(until) and field. Default: RFC3339.
	// +optional
	Format RESTTimeFormat `json:"format,omitempty"`

	// start of the records. A change begins again from there. Default: all; the first poll has no $(since).
	// +optional
	Start *metav1.Time `json:"start,omitempty"`

	// overlap is how much of the time before is read again, because records can appear late. Default: 5m.
	// +optional
	Overlap Duration `json:"overlap,omitempty"`

	// window is the longest time from $(since) to $(until), without the overlap, for APIs with exports that would be too large. Default: up to now.
	// +optional
	Window Duration `json:"window,omitempty"`
}

// RESTSavedCursor says how to begin without a cursor.
type RESTSavedCursor struct {
	// start is the time of $(since) in requests that have no cursor yet. A change begins again from there. Default: none.
	// +optional
	Start *metav1.Time `json:"start,omitempty"`

	// format of $(since). Default: RFC3339.
	// +optional
	Format RESTTimeFormat `json:"format,omitempty"`
}

// RESTTimeFormat is the format of times: RFC 3339 in UTC, seconds or milliseconds since 1970, or the day in UTC.
//
// +kubebuilder:validation:Enum=RFC3339;UnixSeconds;UnixMilliseconds;Date
type RESTTimeFormat string

// Values of format.
const (
	// RESTRFC3339 is 2026-11-21T10:00:00Z.
	RESTRFC3339 RESTTimeFormat = "RFC3339"
	// RESTUnixSeconds is 1795255200.
	RESTUnixSeconds RESTTimeFormat = "UnixSeconds"
	// RESTUnixMilliseconds is 1795255200000.
	RESTUnixMilliseconds RESTTimeFormat = "UnixMilliseconds"
	// RESTDate is 2026-11-21.
	RESTDate RESTTimeFormat = "Date"
)
