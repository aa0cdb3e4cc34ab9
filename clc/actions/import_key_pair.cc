// ImportKeyPair: keeps the public half of a key that the user made.
#include "clc/actions/action.h"
#include "clc/actions/key_pair_xml.h"
#include "clc/actions/tag_parameters.h"
#include "clc/store/key_pairs.h"
#include "common/crypto/key_pair.h"

namespace angophora::clc::actions::import_key_pair {
namespace {

struct Request {
  std::string name;
  Base64 material;
  std::vector<TagSpecification> tags;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("KeyName"),
    required<&Request::material>("PublicKeyMaterial"),
    optional<&Request::tags>("TagSpecification"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_key_name(request.name));
  auto key = crypto::parse_ssh_public_key(request.material.bytes);
  if (!key)
    co_return Error(KeyPairErrc::bad_format,
                    "Key is not in valid OpenSSH public key format: " + key.error().message);
  KeyPair pair;
  pair.id = new_id<KeyPairId>(s.runtime, "key");
  pair.account = caller.account;
  CO_TRY(pair.tags, tags_for("key-pair", request.tags));
  pair.name = request.name;
  pair.key_type = key.value().kind == crypto::SshKeyKind::rsa       ? "rsa"
                  : key.value().kind == crypto::SshKeyKind::ed25519 ? "ed25519"
                                                                    : "ecdsa";
  if (pair.key_type == "ecdsa")
    co_return Error(KeyPairErrc::bad_format, "Keys of the kind ecdsa are not supported");
  CO_TRY(pair.fingerprint, crypto::imported_key_fingerprint(key.value()));
  pair.public_key = key.value().line();
  pair.created_at = s.runtime.now();

  const auto count_max = s.properties.number("cloud.key_pairs_max");
  const auto keep = [pair, count_max](Tx& tx) { return KeyPairs(tx).insert(pair, count_max); };
  CO_TRY_VOID(co_await commit(s, caller, keep));
  Reply reply;
  add_key_pair(reply, pair);
  add_tags(reply, pair.tags);
  co_return reply;
}

}  // namespace

extern const Action ImportKeyPair{
    .name = "ImportKeyPair",
    .permission = "ec2:ImportKeyPair",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::import_key_pair
