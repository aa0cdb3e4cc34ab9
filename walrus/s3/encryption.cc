#include "walrus/s3/encryption.h"

#include "common/base/encoding.h"
#include "common/crypto/aes.h"
#include "common/crypto/digest.h"
#include "walrus/objects/keyring.h"

namespace angophora::walrus {
namespace {

using Kind = Encryption::Kind;

constexpr std::string_view kServerSide = "x-amz-server-side-encryption";
constexpr std::string_view kContext = "data key";

struct CustomerKey {
  std::string key;  // 32 raw bytes
  std::string md5;  // base64
};

// The three headers of a customer's key; nothing when none is there.
Result<std::optional<CustomerKey>> customer_key_of(const S3Call& call, std::string_view prefix) {
  const auto header = [&](std::string_view name) {
    return call.header(std::string(prefix) + "server-side-encryption-customer-" +
                       std::string(name));
  };
  const auto algorithm = header("algorithm"), key = header("key"), md5 = header("key-md5");
  if (algorithm.empty() && key.empty() && md5.empty()) return std::optional<CustomerKey>();
  if (algorithm.empty())
    return invalid_argument(
        "Requests specifying Server Side Encryption with Customer provided keys must provide a "
        "valid encryption algorithm.");
  if (algorithm != "AES256")
    return Error(S3Errc::invalid_encryption_algorithm,
                 "The encryption request you specified is not valid. The valid value is AES256.");
  auto raw = common::base64_decode(key);
  if (!raw || raw->size() != crypto::kGcmKeyBytes)
    return invalid_argument(
        "Requests specifying Server Side Encryption with Customer provided keys must provide an "
        "appropriate secret key.");
  if (md5.empty())
    return invalid_argument(
        "Requests specifying Server Side Encryption with Customer provided keys must provide the "
        "client calculated MD5 of the secret key.");
  auto own = common::base64_encode(crypto::md5(*raw));
  if (own != md5)
    return invalid_argument(
        "The calculated MD5 hash of the key did not match the hash that was provided.");
  return std::optional(CustomerKey{std::move(*raw), std::move(own)});
}

// What the request asks for, or else the bucket. `sealed_key` is not filled in yet.
struct Wish {
  Encryption how;
  std::string seal;  // the key to seal the data key with
};

Result<Wish> named_wish(const Services& services, std::string name) {
  if (name.empty())
    return invalid_argument(
        "Server Side Encryption with KMS managed key requires HTTP header "
        "x-amz-server-side-encryption-aws-kms-key-id");
  Wish wish{{Kind::kms, name, {}, {}}, {}};
  TRY(wish.seal, services.keyring->named(name));
  return wish;
}

Result<std::optional<Wish>> wish_of(const Services& services, const S3Call& call,
                                    const Destination& destination) {
  TRY(auto customer, customer_key_of(call, kOfTarget));
  const auto asked = call.header(kServerSide);
  const std::string name(call.header("x-amz-server-side-encryption-aws-kms-key-id"));
  if (!call.header("x-amz-server-side-encryption-context").empty())
    return Error(S3Errc::not_implemented, "An encryption context is not offered.");
  if (customer) {
    if (!asked.empty())
      return invalid_argument(
          "Server Side Encryption with Customer provided key is incompatible with the encryption "
          "method specified");
    return std::optional(
        Wish{{Kind::customer, {}, std::move(customer->md5), {}}, std::move(customer->key)});
  }
  if (!asked.empty() && asked != "AES256" && asked != "aws:kms")
    return invalid_argument("The encryption method specified is not supported");
  if (!name.empty() && asked != "aws:kms")
    return invalid_argument(
        "Server Side Encryption with AWS KMS managed key requires HTTP header "
        "x-amz-server-side-encryption : aws:kms");
  const auto algorithm = asked.empty() ? std::string_view(destination.encryption_algorithm) : asked;
  if (algorithm.empty()) return std::optional<Wish>();
  if (!services.keyring)
    return Error(S3Errc::not_implemented, "This store has no master key to encrypt with.");
  if (algorithm == "AES256")
    return std::optional(Wish{{Kind::store, {}, {}, {}}, services.keyring->master()});
  TRY(auto wish, named_wish(services, asked.empty() ? destination.kms_key : name));
  return std::optional(std::move(wish));
}

Result<DataKey> sealed(Services& services, Wish wish, std::string data_key) {
  const auto nonce = services.runtime.random_bytes(crypto::kGcmNonceBytes);
  TRY(wish.how.sealed_key, crypto::seal(wish.seal, nonce, data_key, kContext));
  return DataKey{std::move(wish.how), std::move(data_key)};
}

Result<std::string> unsealed(const std::string& seal, const Encryption& how) {
  auto key = crypto::open(seal, how.sealed_key, kContext);
  if (key) return key;
  return Error(common::Errc::corrupt, "the data key of an object cannot be opened");
}

}  // namespace

Result<DataKey> new_data_key(Services& services, const S3Call& call,
                             const Destination& destination) {
  TRY(auto wish, wish_of(services, call, destination));
  if (!wish) return DataKey{};
  return sealed(services, std::move(*wish), services.runtime.random_bytes(crypto::kGcmKeyBytes));
}

Result<DataKey> reseal(Services& services, const S3Call& call, const Destination& destination,
                       const DataKey& known) {
  TRY(auto wish, wish_of(services, call, destination));
  if (!wish) return DataKey{};
  return sealed(services, std::move(*wish), known.key);
}

Result<std::string> open_data_key(Services& services, const S3Call& call,
                                  const std::string& encryption, std::string_view prefix) {
  TRY(const auto how, load_encryption(encryption));
  TRY(const auto customer, customer_key_of(call, prefix));
  const bool is_customers = how && how->kind == Kind::customer;
  if (is_customers && !customer)
    return Error(S3Errc::invalid_request,
                 "The object was stored using a form of Server Side Encryption. The correct "
                 "parameters must be provided to retrieve the object.");
  if (customer && !is_customers)
    return Error(S3Errc::invalid_request,
                 "The encryption parameters are not applicable to this object.");
  if (!how) return std::string();
  if (is_customers) {
    if (customer->md5 != how->customer_md5)
      return invalid_argument(
          "The provided encryption parameters did not match the ones used originally.");
    return unsealed(customer->key, *how);
  }
  if (!services.keyring)
    return Error(common::Errc::internal, "an object is encrypted, and there is no master key");
  if (how->kind == Kind::store) return unsealed(services.keyring->master(), *how);
  TRY(const auto named, services.keyring->named(how->kms_key));
  return unsealed(named, *how);
}

Result<> add_encryption_headers(const std::string& encryption, http::Headers& headers) {
  TRY(const auto how, load_encryption(encryption));
  if (!how) return common::ok();
  if (how->kind == Kind::customer) {
    headers.add("x-amz-server-side-encryption-customer-algorithm", "AES256");
    headers.add("x-amz-server-side-encryption-customer-key-MD5", how->customer_md5);
    return common::ok();
  }
  headers.add(std::string(kServerSide), how->kind == Kind::kms ? "aws:kms" : "AES256");
  if (how->kind == Kind::kms)
    headers.add("x-amz-server-side-encryption-aws-kms-key-id", how->kms_key);
  return common::ok();
}

Result<> refuse_encryption_wish(const S3Call& call) {
  if (!call.has_header(kServerSide)) return common::ok();
  return invalid_argument(
      "x-amz-server-side-encryption header is not supported for this operation.");
}

}  // namespace angophora::walrus
