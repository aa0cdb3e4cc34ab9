// CreateKeyPair: makes an RSA key, keeps its public half and hands the private half out once.
#include "clc/actions/action.h"
#include "clc/actions/key_pair_xml.h"
#include "clc/actions/tag_parameters.h"
#include "clc/store/key_pairs.h"
#include "common/crypto/key_pair.h"

namespace angophora::clc::actions::create_key_pair {
namespace {

enum class KeyType { rsa };
constexpr auto wire_names(KeyType) {
  return std::to_array<std::pair<std::string_view, KeyType>>({{"rsa", KeyType::rsa}});
}
enum class KeyFormat { pem };
constexpr auto wire_names(KeyFormat) {
  return std::to_array<std::pair<std::string_view, KeyFormat>>({{"pem", KeyFormat::pem}});
}

struct Request {
  std::string name;
  KeyType type = KeyType::rsa;
  KeyFormat format = KeyFormat::pem;
  std::vector<TagSpecification> tags;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("KeyName"),
    optional<&Request::type>("KeyType"),
    optional<&Request::format>("KeyFormat"),
    optional<&Request::tags>("TagSpecification"),
};

struct Made {
  KeyPair pair;
  std::string private_pem;
};

Result<Made> make_key(KeyPair pair) {
  TRY(const auto key, crypto::PrivateKey::generate(2048));
  TRY(const auto ssh, crypto::ssh_public_key_of(key.public_key(), pair.name));
  pair.fingerprint = crypto::created_key_fingerprint(key);
  pair.public_key = ssh.line();
  return Made{std::move(pair), key.traditional_pem()};
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_key_name(request.name));
  KeyPair pair;
  pair.id = new_id<KeyPairId>(s.runtime, "key");
  pair.account = caller.account;
  CO_TRY(pair.tags, tags_for("key-pair", request.tags));
  pair.name = request.name;
  pair.key_type = "rsa";
  pair.created_at = s.runtime.now();

  const auto must_be_new = [pair](Tx& tx) -> Result<> {
    const auto found = KeyPairs(tx).find(pair.account, pair.name);
    if (!found && found.error().code == KeyPairErrc::not_found) return common::ok();
    TRY_VOID(std::move(found));
    return Error(KeyPairErrc::duplicate, "The keypair '" + pair.name + "' already exists.");
  };
  CO_TRY_VOID(co_await s.db.read(must_be_new));  // before the work of making one

  auto make = [pair] { return make_key(pair); };
  CO_TRY(const auto made, co_await s.runtime.run_blocking(std::move(make)));
  const auto count_max = s.properties.number("cloud.key_pairs_max");
  const auto keep = [key = made.pair, count_max](Tx& tx) {
    return KeyPairs(tx).insert(key, count_max);
  };
  CO_TRY_VOID(co_await commit(s, caller, keep));

  Reply reply;
  add_key_pair(reply, made.pair);
  reply.add("keyMaterial", made.private_pem);
  add_tags(reply, made.pair.tags);
  co_return reply;
}

}  // namespace

extern const Action CreateKeyPair{
    .name = "CreateKeyPair",
    .permission = "ec2:CreateKeyPair",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_key_pair
