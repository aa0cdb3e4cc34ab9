#include "common/crypto/key_pair.h"

#include <openssl/core_names.h>

#include <optional>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/crypto/digest.h"
#include "common/crypto/openssl.h"

namespace angophora::crypto {
namespace {

using common::trim;

Error bad(std::string what) { return Error(Errc::invalid_argument, std::move(what)); }

// SSH's wire form: a length in four bytes, then the bytes.
void put(std::string& blob, std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  for (int shift = 24; shift >= 0; shift -= 8) blob.push_back(static_cast<char>(size >> shift));
  blob += bytes;
}

// Large numbers are signed there: a leading zero byte keeps them positive.
void put_number(std::string& blob, std::string bytes) {
  if (!bytes.empty() && (bytes[0] & 0x80)) bytes.insert(bytes.begin(), '\0');
  put(blob, bytes);
}

std::optional<std::string_view> take(std::string_view& blob) {
  if (blob.size() < 4) return std::nullopt;
  std::uint32_t size = 0;
  for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(blob[i]);
  blob.remove_prefix(4);
  if (blob.size() < size) return std::nullopt;
  const auto bytes = blob.substr(0, size);
  blob.remove_prefix(size);
  return bytes;
}

struct CurveName {
  const char* type;
  const char* curve;
  std::size_t point_bytes;
};
constexpr CurveName kCurves[] = {{"ecdsa-sha2-nistp256", "nistp256", 65},
                                 {"ecdsa-sha2-nistp384", "nistp384", 97},
                                 {"ecdsa-sha2-nistp521", "nistp521", 133}};

Result<> check_rsa(std::string_view rest) {
  const auto exponent = take(rest);
  const auto modulus = take(rest);
  if (!exponent || !modulus || !rest.empty()) return bad("the ssh-rsa key is cut off");
  auto key = PublicKey::from_rsa_numbers(*modulus, *exponent);
  if (!key) return bad("the ssh-rsa key is not an RSA key");
  const int bits = key.assume_value().bits();
  if (bits < 1024 || bits > 16384)
    return bad("an RSA key must have 1024 to 16384 bits, this one has " + std::to_string(bits));
  return common::ok();
}

Result<> check_ecdsa(std::string_view type, std::string_view rest) {
  const auto curve = take(rest);
  const auto point = take(rest);
  for (const auto& known : kCurves)
    if (type == known.type && curve == known.curve && point && rest.empty() &&
        point->size() == known.point_bytes && (*point)[0] == 4)
      return common::ok();
  return bad("the " + std::string(type) + " key is not one of its curve");
}

// Reads the blob itself: the type is said inside as well.
Result<SshPublicKey> from_blob(std::string blob, std::string comment) {
  std::string_view rest = blob;
  const auto type = take(rest);
  if (!type) return bad("the SSH key is cut off");
  SshPublicKey key;
  key.type = std::string(*type);
  key.comment = std::move(comment);
  if (key.type == "ssh-rsa") {
    key.kind = SshKeyKind::rsa;
    TRY_VOID(check_rsa(rest));
  } else if (key.type == "ssh-ed25519") {
    key.kind = SshKeyKind::ed25519;
    const auto point = take(rest);
    if (!point || point->size() != 32 || !rest.empty())
      return bad("the ssh-ed25519 key is cut off");
  } else if (key.type.starts_with("ecdsa-sha2-")) {
    key.kind = SshKeyKind::ecdsa;
    TRY_VOID(check_ecdsa(key.type, rest));
  } else {
    return bad("keys of this type are not supported");
  }
  key.blob = std::move(blob);
  return key;
}

Result<SshPublicKey> from_line(std::string_view text) {
  const auto type_end = text.find_first_of(" \t");
  const auto type = text.substr(0, type_end);
  auto rest = type_end == std::string_view::npos ? "" : trim(text.substr(type_end));
  const auto blob_end = rest.find_first_of(" \t");
  const auto blob = common::base64_decode(rest.substr(0, blob_end));
  if (!blob || blob->empty()) return bad("the SSH key is not valid base64");
  auto comment = blob_end == std::string_view::npos ? "" : trim(rest.substr(blob_end));
  if (comment.find_first_of("\r\n") != std::string_view::npos)
    return bad("more than one line was given as an SSH key");
  TRY(auto key, from_blob(*blob, std::string(comment)));
  if (key.type != type) return bad("the SSH key's type and content differ");
  return key;
}

// RFC 4716: header lines "Name: value" (a backslash continues one), then base64.
Result<SshPublicKey> from_ssh2_block(std::string_view text) {
  std::string base64, comment;
  bool inside = false, continued = false;
  for (auto line : common::split(text, '\n')) {
    line = trim(line.substr(0, line.find('\r')));
    if (line.starts_with("---- BEGIN")) {
      inside = true;
    } else if (line.starts_with("---- END")) {
      inside = false;
    } else if (inside && (continued || line.find(':') != std::string_view::npos)) {
      if (common::to_lower(line).starts_with("comment:")) comment = trim(line.substr(8));
      continued = line.ends_with('\\');
    } else if (inside) {
      base64 += line;
    }
  }
  const auto blob = common::base64_decode(base64);
  if (!blob || blob->empty()) return bad("the SSH2 block is not valid base64");
  if (comment.size() >= 2 && comment.front() == '"' && comment.back() == '"')
    comment = comment.substr(1, comment.size() - 2);
  return from_blob(*blob, std::move(comment));
}

Result<SshPublicKey> from_public_key(Result<PublicKey> key) {
  if (!key || !key.assume_value().is_rsa())
    return bad("the key is in none of the supported formats: OpenSSH, SSH2, or an RSA key in DER");
  const auto& rsa = key.assume_value();
  if (rsa.bits() < 1024 || rsa.bits() > 16384)
    return bad("an RSA key must have 1024 to 16384 bits, this one has " +
               std::to_string(rsa.bits()));
  return ssh_public_key_of(rsa, "");
}

std::string with_colons(std::string_view digest) {
  std::string text;
  for (char byte : digest) {
    if (!text.empty()) text += ':';
    text += common::hex_encode(std::string_view(&byte, 1));
  }
  return text;
}

std::string number_of(const PublicKey& key, const char* parameter) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key.handle(), parameter, &raw) != 1) return {};
  const std::unique_ptr<BIGNUM, GiveBack<BN_free>> number(raw);
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(raw)), '\0');
  BN_bn2bin(raw, bytes_of(bytes));
  return bytes;
}

}  // namespace

std::string SshPublicKey::line() const {
  std::string text = type + " " + common::base64_encode(blob);
  if (!comment.empty()) text += " " + comment;
  return text;
}

Result<SshPublicKey> parse_ssh_public_key(std::string_view text) {
  constexpr std::size_t kBytesMax = 16 * 1024;
  if (text.size() > kBytesMax) return bad("the key is longer than 16 KiB");
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return bad("the key is empty");
  text = text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
  if (text.find('\0') != std::string_view::npos) return from_public_key(PublicKey::from_der(text));
  if (text.starts_with("---- BEGIN SSH2 PUBLIC KEY")) return from_ssh2_block(text);
  if (text.starts_with("-----BEGIN")) return from_public_key(PublicKey::from_pem(text));
  if (text.starts_with("ssh-") || text.starts_with("ecdsa-")) return from_line(text);
  if (const auto der = common::base64_decode(text))
    return from_public_key(PublicKey::from_der(*der));
  return from_public_key(PublicKey::from_der(text));
}

Result<SshPublicKey> ssh_public_key_of(const PublicKey& key, std::string comment) {
  if (!key.is_rsa()) return bad("only RSA keys become ssh-rsa lines");
  SshPublicKey ssh;
  ssh.type = "ssh-rsa";
  ssh.comment = std::move(comment);
  put(ssh.blob, ssh.type);
  put_number(ssh.blob, number_of(key, OSSL_PKEY_PARAM_RSA_E));
  put_number(ssh.blob, number_of(key, OSSL_PKEY_PARAM_RSA_N));
  return ssh;
}

std::string created_key_fingerprint(const PrivateKey& key) {
  return with_colons(sha1(key.pkcs8_der()));
}

Result<std::string> imported_key_fingerprint(const SshPublicKey& key) {
  if (key.kind != SshKeyKind::rsa) return common::base64_encode(sha256(key.blob));
  std::string_view rest = key.blob;
  take(rest);
  const auto exponent = take(rest);
  const auto modulus = take(rest);
  if (!exponent || !modulus) return bad("the ssh-rsa key is cut off");
  TRY(const auto rsa, PublicKey::from_rsa_numbers(*modulus, *exponent));
  return with_colons(md5(rsa.der()));
}

}  // namespace angophora::crypto
