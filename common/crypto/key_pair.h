// EC2 key pairs: SSH public keys in and out, and the fingerprints that EC2 shows.
//
// Errors: Errc::invalid_argument, with what is wrong with the key, for a key that cannot be used.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/crypto/rsa.h"

namespace angophora::crypto {

enum class SshKeyKind { rsa, ed25519, ecdsa };

// A public key as a line of authorized_keys holds it.
struct SshPublicKey {
  SshKeyKind kind = SshKeyKind::rsa;
  std::string type;  // ssh-rsa, ssh-ed25519, ecdsa-sha2-nistp256 ...
  std::string blob;  // raw, what stands in base64 on the line
  std::string comment;

  std::string line() const;  // "ssh-rsa AAAA... comment", no line end
};

// Reads an OpenSSH line, an RFC 4716 block (BEGIN SSH2 PUBLIC KEY), a PEM or base64 DER RSA key.
// RSA keys must have 1024 to 16384 bits.
Result<SshPublicKey> parse_ssh_public_key(std::string_view text);

// The ssh-rsa line's key of an RSA key.
Result<SshPublicKey> ssh_public_key_of(const PublicKey& key, std::string comment);

// As EC2 prints them for a key it made: SHA-1 of the PKCS#8 DER private key, aa:bb:...
std::string created_key_fingerprint(const PrivateKey& key);
// As EC2 prints them for an imported key: for RSA the MD5 of the DER public key, aa:bb:...; for
// others base64 of the SHA-256 of the SSH blob.
Result<std::string> imported_key_fingerprint(const SshPublicKey& key);

}  // namespace angophora::crypto
