#include "walrus/clients/policy_shelf.h"

#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kUsersMax = 10'000;
constexpr std::size_t kDocumentsMax = 20'000;
constexpr std::size_t kDocumentBytesMax = 64 * 1024;  // the cloud controller has the true limits

Error not_all_there(const std::string& owner) {
  return {S3Errc::service_unavailable,
          "What " + owner + " may do is not known here yet. Please try again."};
}

}  // namespace

// A document that the cloud controller took and that is not understood here lets nobody in.
Result<policy::Document> PolicyShelf::parsed(const PolicyText& text, policy::Grammar grammar) {
  const auto key = (grammar == policy::Grammar::account ? 'a' : 'i') + text.document;
  const auto known = documents_.find(key);
  if (known != documents_.end()) return known->second;
  auto document = policy::parse(
      text.document, {.grammar = grammar, .size_max = kDocumentBytesMax, .limits = true});
  if (!document)
    return Error(common::Errc::corrupt, "policy " + text.name + ": " + document.error().message);
  if (documents_.size() >= kDocumentsMax) documents_.clear();
  documents_.emplace(key, document.value());
  return document;
}

Result<> PolicyShelf::add(const Identities& identities, const PolicySet& set,
                          const std::string& owner, policy::Grammar grammar,
                          std::vector<policy::NamedPolicy>& into) {
  for (const auto& text : set.own) {
    TRY(auto document, parsed(text, grammar));
    into.push_back({owner + "/" + text.name, std::move(document)});
  }
  for (const auto& id : set.attached) {
    const auto* managed = identities.policy(id);
    if (!managed) return not_all_there(owner);
    TRY(auto document, parsed(managed->text, policy::Grammar::identity));
    into.push_back({owner + "/" + managed->text.name, std::move(document)});
  }
  return common::ok();
}

Result<policy::Policies> PolicyShelf::put_together(const Identities& identities,
                                                   const Account& account, const User& user) {
  policy::Policies all;
  TRY_VOID(add(identities, account.policies, account.name, policy::Grammar::account, all.account));
  if (user.is_root) return all;
  TRY_VOID(add(identities, user.policies, user.name, policy::Grammar::identity, all.identity));
  for (const auto& id : user.groups) {
    const auto* group = identities.group(id);
    if (!group) return not_all_there(user.name);
    TRY_VOID(add(identities, group->policies, "group " + group->name, policy::Grammar::identity,
                 all.identity));
  }
  return all;
}

std::shared_ptr<const policy::Policies> PolicyShelf::keep(const std::string& id,
                                                          policy::Policies all) {
  if (users_.size() >= kUsersMax) users_.clear();
  auto kept = std::make_shared<const policy::Policies>(std::move(all));
  users_.insert_or_assign(id, kept);
  return kept;
}

Result<std::shared_ptr<const policy::Policies>> PolicyShelf::of(const Identities& identities,
                                                                const Account& account,
                                                                const User& user) {
  const auto known = users_.find(user.id.value);
  if (known != users_.end()) return known->second;
  TRY(auto all, put_together(identities, account, user));
  return keep(user.id.value, std::move(all));
}

Result<std::shared_ptr<const policy::Policies>> PolicyShelf::of(const Identities& identities,
                                                                const Account& account,
                                                                const Role& role) {
  const auto known = users_.find(role.id);
  if (known != users_.end()) return known->second;
  policy::Policies all;
  TRY_VOID(add(identities, account.policies, account.name, policy::Grammar::account, all.account));
  TRY_VOID(add(identities, role.policies, role.arn, policy::Grammar::identity, all.identity));
  return keep(role.id, std::move(all));
}

// What is gone allows nothing.
Result<std::shared_ptr<const policy::Policies>> PolicyShelf::limited(
    const Identities& identities, std::shared_ptr<const policy::Policies> held,
    const sessions::Session& session) {
  if (!session.limited) return held;
  auto all = *held;
  PolicySet set;
  for (const auto& document : session.policies)
    set.own.push_back({std::to_string(set.own.size() + 1), document});
  for (const auto& id : session.policy_ids)
    if (identities.policy(id)) set.attached.push_back(id);
  all.session.emplace();
  TRY_VOID(
      add(identities, set, "session " + session.name, policy::Grammar::identity, *all.session));
  return std::shared_ptr<const policy::Policies>(
      std::make_shared<const policy::Policies>(std::move(all)));
}

}  // namespace angophora::walrus
