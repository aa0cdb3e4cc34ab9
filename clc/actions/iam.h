// What the actions of IAM share: whose identities they are about, pages and elements.
#pragma once

#include "clc/actions/quotas.h"
#include "clc/domain/identity.h"

namespace angophora::clc::actions {

// The caller's account, or the one that DelegateAccount names by number, name or alias, which is
// the cloud's administrators' to do. RequestErrc::not_permitted, IdentityErrc::not_found.
Result<Account> account_of(Tx& tx, const Caller& caller, const std::string& delegate);

// The user of that name; without a name the caller, or another account's root.
// IdentityErrc::not_found.
Result<User> user_of(Tx& tx, const Caller& caller, const Account& account, const std::string& name);

// Both at once.
struct Subject {
  Account account;
  User user;
};
Result<Subject> subject_of(Tx& tx, const Caller& caller, const std::string& delegate,
                           const std::string& user_name);

// Of MaxItems and Marker, which every List action of IAM takes.
inline constexpr PageLimits kIamPage{1, 1000, "MaxItems", "Marker"};
// As PageSealer::open, with a page of a hundred when MaxItems does not ask for another.
Result<PageStart> open_iam_page(const Services& s, const Paging& paging, const Caller& caller,
                                std::string_view action);
// IsTruncated and Marker; `last` is the key of the page's last row when more follow, else "".
void close_iam_page(Reply& reply, const Services& s, const Caller& caller, std::string_view action,
                    const std::string& last);

// A row of a list: `element` is a <member> as the answer shows it, `key` its own among all rows.
struct IamRow {
  explicit IamRow(std::string unique) : key(std::move(unique)), element("member") {}
  std::string key;
  Element element;
};
using IamRows = std::vector<IamRow>;
// What List actions do: the page of what `find` finds, in the order of keys, under the name
// `list`. Rows before the page's beginning and beyond its end may be among those found. `action`
// says what the Marker is good for.
Task<Reply> list_iam(Services& s, Caller caller, Paging paging, std::string action,
                     std::string list, std::function<Result<IamRows>(Tx&, const PageStart&)> find);

// What Get actions do: an answer out of one view of the database.
Task<Reply> read_iam(Services& s, std::function<Result<Reply>(Tx&)> find);
// What all others do: a change of identities, whose followers are told. The second answers nothing.
Task<Reply> make_iam(Services& s, Caller caller, std::function<Result<Reply>(Tx&)> make);
Task<Reply> change_iam(Services& s, Caller caller, std::function<Result<>(Tx&)> change);

// How many of its kind a user may have. IdentityErrc::limit_exceeded.
struct IamLimit {
  const char* what;  // as AWS names it: AccessKeysPerUser
  std::int64_t most;
};
Result<> check_limit(const IamLimit& limit, std::int64_t present);

// How many of its kind an account may have: the account's quota.
struct IamQuota {
  const char* what;  // as AWS names it: UsersPerAccount
  Quota quota;
  QuotaDefaults defaults;
};
Result<> check_quota(Tx& tx, const AccountId& account, const IamQuota& quota);

// Gives `row` to the account that the request is about.
template <class Store, class Row>
Result<Row> insert_iam(Tx& tx, const Caller& caller, const std::string& delegate, Row row,
                       const IamQuota& quota) {
  TRY(const auto account, account_of(tx, caller, delegate));
  TRY_VOID(check_quota(tx, account.id, quota));
  row.account = account.id;
  TRY_VOID(Store(tx).insert(row));
  return row;
}

// IdentityErrc and sentences of AWS for a name or path that IAM does not take.
Result<> check_user_name(const char* parameter, const std::string& name);
Result<> check_path(const char* parameter, const std::string& path);
Result<> check_account_name(const char* parameter, const std::string& name);

// Active and Inactive, as keys and certificates are.
enum class Status { active, inactive };
constexpr auto wire_names(Status) {
  return std::to_array<std::pair<const char*, Status>>(
      {{"Active", Status::active}, {"Inactive", Status::inactive}});
}
const char* status_text(bool active);

// `arn` when it is not the user's own name.
void add_user(Element& into, const User& user, std::string arn = {});
void add_account(Element& into, const Account& account);
void add_certificate(Element& into, const UserCertificate& certificate, const User& user);

}  // namespace angophora::clc::actions
