// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// HMACAlgorithm is the hash of a signature.
//
// +kubebuilder:validation:Enum=SHA1;SHA256;SHA512
type HMACAlgorithm string

const (
	// AlgorithmSHA1 is HMAC-SHA-1, for senders that support nothing else.
	AlgorithmSHA1 HMACAlgorithm = "SHA1"
	// AlgorithmSHA256 is HMAC-SHA-256, the default.
	AlgorithmSHA256 HMACAlgorithm = "SHA256"
	// AlgorithmSHA512 is HMAC-SHA-512.
	AlgorithmSHA512 HMACAlgorithm = "SHA512"
)

// SignatureEncoding is how bytes are written as text.
//
// +kubebuilder:validation:Enum=Hex;Base64
type SignatureEncoding string

const (
	// SignatureHex is hexadecimal in either case, the default.
	SignatureHex SignatureEncoding = "Hex"
	// SignatureBase64 is standard Base64.
	SignatureBase64 SignatureEncoding = "Base64"
)

// KeyEncoding is how the secret is written as text.
//
// +kubebuilder:validation:Enum=UTF8;Hex;Base64
type KeyEncoding string

const (
	// KeyUTF8 means that the text of the secret is the key. It is the default.
	KeyUTF8 KeyEncoding = "UTF8"
	// KeyHex means that the secret is the key in hexadecimal.
	KeyHex KeyEncoding = "Hex"
	// KeyBase64 means that the secret is the key in Base64.
	KeyBase64 KeyEncoding = "Base64"
)

// SignatureFormat is the form of the signature header.
//
// +kubebuilder:validation:Enum=Plain;KeyValueList;SpaceList
type SignatureFormat string

const (
	// FormatPlain is one signature, the default.
	FormatPlain SignatureFormat = "Plain"
	// FormatKeyValueList is a list such as t=1,v1=abc,v1=def.
	FormatKeyValueList SignatureFormat = "KeyValueList"
	// FormatSpaceList is several signatures, separated by spaces.
	FormatSpaceList SignatureFormat = "SpaceList"
)

// TimestampUnit is the form of a timestamp in a signed request.
//
// +kubebuilder:validation:Enum=Seconds;Milliseconds;RFC3339
type TimestampUnit string

const (
	// TimestampSeconds counts seconds since 1970, the default.
	TimestampSeconds TimestampUnit = "Seconds"
	// TimestampMilliseconds counts milliseconds since 1970.
	TimestampMilliseconds TimestampUnit = "Milliseconds"
	// TimestampRFC3339 is text such as 2026-11-01T12:00:00Z.
	TimestampRFC3339 TimestampUnit = "RFC3339"
)

// HMACRecipe describes how a sender signs its requests.
//
// +kubebuilder:validation:XValidation:rule="!has(self.tolerance) || has(self.timestamp)",message="tolerance needs timestamp: without one the age of a request is unknown"
// +kubebuilder:validation:XValidation:rule="!has(self.timestamp) || (has(self.signedContent) && self.signedContent.exists(p, has(p.timestamp)))",message="signedContent must have a timestamp entry when timestamp is set: a time that is not signed can be changed by whoever repeats the request"
// +kubebuilder:validation:XValidation:rule="!has(self.signedContent) || has(self.timestamp) || !self.signedContent.exists(p, has(p.timestamp))",message="set timestamp, because signedContent has a timestamp entry"
// +kubebuilder:validation:XValidation:rule="!has(self.signedContent) || self.signedContent.exists(p, has(p.body))",message="signedContent must have a body entry: a body that is not signed can be changed"
// +kubebuilder:validation:XValidation:rule="!has(self.timestamp) || !has(self.timestamp.key) || (has(self.format) && self.format == 'KeyValueList')",message="timestamp.key needs the format KeyValueList; set timestamp.header for the other formats"
// +kubebuilder:validation:XValidation:rule="(has(self.format) && self.format == 'KeyValueList') == has(self.signatureKey)",message="set signatureKey for the format KeyValueList, and only for it"
type HMACRecipe struct {
	// header that carries the signature, for example X-Shop-Signature.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9-]+$`
	Header string `json:"header,omitempty"`

	// prefix in front of the signature that is not part of it, for example "sha256=" or "v1,".
	// +optional
	// +kubebuilder:validation:MaxLength=32
	Prefix string `json:"prefix,omitempty"`

	// format of the header. Plain (default): one signature. KeyValueList: t=1,v1=abc. SpaceList: several, separated by spaces.
	// +optional
	Format SignatureFormat `json:"format,omitempty"`

	// signatureKey is the key whose values are signatures in the format KeyValueList, for example v1.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	SignatureKey string `json:"signatureKey,omitempty"`

	// algorithm of the HMAC. Default: SHA256. SHA1 is for senders that support nothing else.
	// +optional
	Algorithm HMACAlgorithm `json:"algorithm,omitempty"`

	// encoding of the signature. Default: Hex.
	// +optional
	Encoding SignatureEncoding `json:"encoding,omitempty"`

	// keyEncoding of the secret. Default: UTF8, the text itself.
	// +optional
	KeyEncoding KeyEncoding `json:"keyEncoding,omitempty"`

	// signedContent lists the parts that are concatenated and signed. Default: the body alone.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	SignedContent []SignedPart `json:"signedContent,omitempty"`

	// timestamp says where the request has its time of sending, so that the pods can reject old requests.
	// +optional
	Timestamp *SignatureTimestamp `json:"timestamp,omitempty"`

	// tolerance is the greatest age of a request. Default with a timestamp: 5m.
	// +optional
	Tolerance Duration `json:"tolerance,omitempty"`
}

// SignedPart is one piece of the signed text. Set exactly one.
//
// +kubebuilder:validation:XValidation:rule="[has(self.body), has(self.url), has(self.method), has(self.timestamp), has(self.literal), has(self.header)].filter(x, x).size() == 1",message="set exactly one of body, url, method, timestamp, literal and header"
type SignedPart struct {
	// body stands for the raw bytes of the request's body.
	// +optional
	Body *SignedPartMarker `json:"body,omitempty"`

	// url stands for publicURL with the request's query.
	// +optional
	URL *SignedPartMarker `json:"url,omitempty"`

	// method stands for the HTTP method in capital letters.
	// +optional
	Method *SignedPartMarker `json:"method,omitempty"`

	// timestamp stands for the timestamp as it was sent.
	// +optional
	Timestamp *SignedPartMarker `json:"timestamp,omitempty"`

	// literal is a fixed text, for example ".".
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	Literal string `json:"literal,omitempty"`

	// header stands for the value of the named header.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9-]+$`
	Header string `json:"header,omitempty"`
}

// SignedPartMarker has no settings.
type SignedPartMarker struct{}

// SignatureTimestamp says where a request has its time of sending. Set exactly one of header and key.
//
// +kubebuilder:validation:XValidation:rule="has(self.header) != has(self.key)",message="set exactly one of header and key"
type SignatureTimestamp struct {
	// header that carries the timestamp.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9-]+$`
	Header string `json:"header,omitempty"`

	// key of the timestamp in a signature header of the format KeyValueList, for example t.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	Key string `json:"key,omitempty"`

	// unit of the timestamp. Default: Seconds.
	// +optional
	Unit TimestampUnit `json:"unit,omitempty"`
}
