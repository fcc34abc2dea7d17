// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// FilesFrom is the place that the pods read files from, at an interval. A file is read once, and again when it changes.
//
// +kubebuilder:validation:XValidation:rule="[has(self.s3), has(self.sftp), has(self.volume)].filter(x, x).size() == 1",message="set exactly one of s3, sftp and volume"
type FilesFrom struct {
	// s3 is a bucket of Amazon S3, or of another server with its API.
	// +optional
	S3 *S3Bucket `json:"s3,omitempty"`

	// sftp is a folder on a server that is reached by SFTP.
	// +optional
	SFTP *SFTPFolder `json:"sftp,omitempty"`

	// volume is a folder of a PersistentVolumeClaim in the same namespace, which is mounted read-only.
	// +optional
	Volume *VolumeFolder `json:"volume,omitempty"`

	// match are patterns of the names that are read, without their folders, such as *.csv: * is any characters. Default: all files except hidden, unfinished
	// (.part, .tmp, …) and empty ones.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=256
	Match []string `json:"match,omitempty"`

	// interval at which the place is listed. Default: 5m.
	// +optional
	Interval Duration `json:"interval,omitempty"`

	// minAge is how long ago a file must have been changed last, so that files are not read while they are written. Default: 1m; for s3, where an object
	// appears when it is complete, no age.
	// +optional
	MinAge Duration `json:"minAge,omitempty"`
}

// S3Bucket is a bucket of Amazon S3, or of another server with its API.
type S3Bucket struct {
	// bucketName is the name of the bucket.
	// +required
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9][-._a-z0-9]*[a-z0-9]$`
	BucketName string `json:"bucketName,omitempty"`

	// prefix of the keys that are read, such as orders/. Default: all objects.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Prefix string `json:"prefix,omitempty"`

	// region of the bucket. Default: us-east-1.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[a-z0-9][-a-z0-9]*$`
	Region string `json:"region,omitempty"`

	// endpoint is the URL of the server, without a path. Default: that of Amazon S3 in the region.
	// +optional
	// +kubebuilder:validation:MinLength=8
	// +kubebuilder:validation:MaxLength=270
	// +kubebuilder:validation:Pattern=`^https?://(\[[0-9a-fA-F:]+\]|[a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?)(:[1-9][0-9]{0,4})?$`
	Endpoint string `json:"endpoint,omitempty"`

	// auth has the access key of the pods. Credentials of nodes, metadata services and service accounts are never used. Default: requests are not
	// signed, for a public bucket.
	// +optional
	Auth *S3Auth `json:"auth,omitempty"`

	// tls sets the authority of the server's certificate. Default: public authorities.
	// +optional
	TLS *ClientTLS `json:"tls,omitempty"`
}

// S3Auth is an access key. The pods use a new one without a restart.
type S3Auth struct {
	// accessKeyID is the id of the access key.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	AccessKeyID string `json:"accessKeyID,omitempty"`

	// secretAccessKeySecretRef refers to the secret access key. Only the first line is used.
	// +required
	SecretAccessKeySecretRef SecretKeyReference `json:"secretAccessKeySecretRef,omitzero"`
}

// SFTPFolder is a folder on a server that is reached by SFTP.
//
// +kubebuilder:validation:XValidation:rule="has(self.passwordSecretRef) != has(self.privateKeySecretRef)",message="set exactly one of passwordSecretRef and privateKeySecretRef"
type SFTPFolder struct {
	// address of the server, as host:port.
	// +required
	Address BrokerAddress `json:"address,omitempty"`

	// hostKeys are the public keys of the server, as ssh-keyscan prints them without the host: the type and the key. A server with another key is refused.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MinLength=16
	// +kubebuilder:validation:items:MaxLength=2048
	// +kubebuilder:validation:items:Pattern=`^[-a-z0-9@.]+ [A-Za-z0-9+/]+=*$`
	HostKeys []string `json:"hostKeys,omitempty"`

	// username of the pods at the server.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Username string `json:"username,omitempty"`

	// passwordSecretRef refers to the password. Only the first line is used.
	// +optional
	PasswordSecretRef *SecretKeyReference `json:"passwordSecretRef,omitempty"`

	// privateKeySecretRef refers to the private key, in the format of OpenSSH or PEM, without a passphrase.
	// +optional
	PrivateKeySecretRef *SecretKeyReference `json:"privateKeySecretRef,omitempty"`

	// path of the folder on the server. Its subfolders are read, too. Default: the folder in which the user logs in.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Path string `json:"path,omitempty"`
}

// VolumeFolder is a folder of a volume.
type VolumeFolder struct {
	// claimName is the name of the PersistentVolumeClaim, in the same namespace. It cannot be that of an EventStore, NAME-store.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:XValidation:rule="!self.endsWith('-store')",message="claimName must not end with -store: a claim with such a name has the data of an EventStore"
	ClaimName string `json:"claimName,omitempty"`

	// path of the folder in the volume. Its subfolders are read, too. Symbolic links are not followed. Default: the whole volume.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('/') && !self.split('/').exists(p, p == '..')",message="path must be relative, without .."
	Path string `json:"path,omitempty"`
}
