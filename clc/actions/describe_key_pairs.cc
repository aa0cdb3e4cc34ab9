// DescribeKeyPairs: the key pairs of the caller's account.
#include <set>

#include "clc/actions/action.h"
#include "clc/actions/key_pair_xml.h"
#include "clc/actions/tag_parameters.h"
#include "clc/store/key_pairs.h"

namespace angophora::clc::actions::describe_key_pairs {
namespace {

struct Request {
  std::vector<std::string> names;
  std::vector<KeyPairId> ids;
  Filters filters;
  bool include_public_key = false;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::names>("KeyName"),
    optional<&Request::ids>("KeyPairId"),
    filters<&Request::filters>(),
    optional<&Request::include_public_key>("IncludePublicKey"),
};

constexpr FilterField<KeyPair> kFilters[] = {
    {"key-pair-id", [](const KeyPair& k) { return FilterValues{k.id.value}; }},
    {"key-name", [](const KeyPair& k) { return FilterValues{k.name}; }},
    {"fingerprint", [](const KeyPair& k) { return FilterValues{k.fingerprint}; }},
};

// Names and ids must all exist.
Result<> check_all_exist(const Request& request, const std::vector<KeyPair>& keys) {
  std::set<std::string> names, ids;
  for (const auto& key : keys) {
    names.insert(key.name);
    ids.insert(key.id.value);
  }
  for (const auto& name : request.names)
    if (!names.contains(name))
      return Error(KeyPairErrc::not_found, "The key pair '" + name + "' does not exist");
  for (const auto& id : request.ids)
    if (!ids.contains(id.value))
      return Error(KeyPairErrc::id_not_found, "The key pair ID '" + id.value + "' does not exist");
  return common::ok();
}

bool is_asked_for(const Request& request, const KeyPair& key) {
  if (request.names.empty() && request.ids.empty()) return true;
  return std::find(request.names.begin(), request.names.end(), key.name) != request.names.end() ||
         std::find(request.ids.begin(), request.ids.end(), key.id) != request.ids.end();
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto wanted, RowFilter<KeyPair>::compile(request.filters, kFilters));
  const auto find = [account = caller.account](Tx& tx) { return KeyPairs(tx).list(account); };
  CO_TRY(auto keys, co_await s.db.read(find));
  CO_TRY_VOID(check_all_exist(request, keys));
  std::erase_if(keys, [&](const KeyPair& key) {
    return !is_asked_for(request, key) || !wanted.matches(key);
  });
  Reply reply;
  reply.list("keySet", keys, [&](const KeyPair& key, Element& item) {
    add_key_pair(item, key);
    item.add("keyType", key.key_type).add("createTime", key.created_at);
    if (request.include_public_key) item.add("publicKey", key.public_key);
    add_tags(item, key.tags);
  });
  co_return reply;
}

}  // namespace

extern const Action DescribeKeyPairs{
    .name = "DescribeKeyPairs",
    .permission = "ec2:DescribeKeyPairs",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_key_pairs
