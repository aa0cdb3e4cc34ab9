#include "clc/actions/iam.h"

#include "clc/store/accounts.h"
#include "clc/store/users.h"

namespace angophora::clc::actions {

Result<Account> account_of(Tx& tx, const Caller& caller, const std::string& delegate) {
  Accounts accounts(tx);
  if (delegate.empty()) {
    TRY(const auto own, accounts.find(caller.account));
    if (own) return *own;
    return Error(IdentityErrc::not_found,
                 "The account " + caller.account.value + " cannot be found.");
  }
  if (!caller.cloud_administrator)
    return Error(RequestErrc::not_permitted,
                 "User: " + caller.user_arn +
                     " is not authorized to act for another account: DelegateAccount is for the "
                     "administrators of the account " +
                     kAdministrationAccount);
  return accounts.resolve(delegate);
}

Result<User> user_of(Tx& tx, const Caller& caller, const Account& account,
                     const std::string& name) {
  Users users(tx);
  if (!name.empty()) return users.find(account.id, name);
  if (caller.user_name.empty() && account.id == caller.account)
    return Error(RequestErrc::missing_parameter,
                 "Must specify userName when calling with non-User credentials");
  return account.id == caller.account ? users.find(account.id, caller.user_name)
                                      : users.root_of(account.id);
}

Result<Subject> subject_of(Tx& tx, const Caller& caller, const std::string& delegate,
                           const std::string& user_name) {
  Subject subject;
  TRY(subject.account, account_of(tx, caller, delegate));
  TRY(subject.user, user_of(tx, caller, subject.account, user_name));
  return subject;
}

Result<PageStart> open_iam_page(const Services& s, const Paging& paging, const Caller& caller,
                                std::string_view action) {
  constexpr std::size_t kUsual = 100;
  TRY(auto start, s.pages.open(paging, caller, action, kIamPage));
  if (!paging.max_results) start.limit = kUsual;
  return start;
}

void close_iam_page(Reply& reply, const Services& s, const Caller& caller, std::string_view action,
                    const std::string& last) {
  reply.add("IsTruncated", !last.empty());
  if (!last.empty()) reply.add("Marker", s.pages.seal(caller, action, last));
}

Task<Reply> list_iam(Services& s, Caller caller, Paging paging, std::string action,
                     std::string list, std::function<Result<IamRows>(Tx&, const PageStart&)> find) {
  CO_TRY(const auto page, open_iam_page(s, paging, caller, action));
  const auto read = [&find, &page](Tx& tx) { return find(tx, page); };
  CO_TRY(auto rows, co_await s.db.read(read));
  const auto last = cut_page(rows, page, [](const IamRow& row) { return row.key; });
  Reply reply;
  auto& members = reply.child(std::move(list));
  for (auto& row : rows) members.add(std::move(row.element));
  close_iam_page(reply, s, caller, action, last);
  co_return reply;
}

Task<Reply> read_iam(Services& s, std::function<Result<Reply>(Tx&)> find) {
  co_return co_await s.db.read(std::move(find));
}

Task<Reply> make_iam(Services& s, Caller caller, std::function<Result<Reply>(Tx&)> make) {
  CO_TRY(auto reply, co_await commit_or_try<Result<Reply>>(s, caller.dry_run, std::move(make)));
  s.changes.identities.notify();
  co_return reply;
}

Task<Reply> change_iam(Services& s, Caller caller, std::function<Result<>(Tx&)> change) {
  const auto make = [change = std::move(change)](Tx& tx) -> Result<Reply> {
    TRY_VOID(change(tx));
    return Reply();
  };
  return make_iam(s, std::move(caller), make);
}

Result<> check_limit(const IamLimit& limit, std::int64_t present) {
  if (present < limit.most) return common::ok();
  return Error(IdentityErrc::limit_exceeded, std::string("Cannot exceed quota for ") + limit.what +
                                                 ": " + std::to_string(limit.most));
}

Result<> check_quota(Tx& tx, const AccountId& account, const IamQuota& quota) {
  TRY(const auto most, account_limit(tx, quota.defaults, account, quota.quota));
  TRY(const auto present, QuotaUsage(tx).of(quota.quota, account));
  return check_limit({quota.what, most}, present);
}

Result<> check_user_name(const char* parameter, const std::string& name) {
  if (is_user_name(name)) return common::ok();
  return invalid_value(parameter, name, "up to 64 letters, digits and characters of _+=,.@-");
}

Result<> check_path(const char* parameter, const std::string& path) {
  if (is_identity_path(path)) return common::ok();
  return invalid_value(parameter, path,
                       "/ or up to 512 visible characters that begin and end with /");
}

Result<> check_account_name(const char* parameter, const std::string& name) {
  if (is_account_name(name)) return common::ok();
  return invalid_value(parameter, name,
                       "3 to 63 small letters, digits and single hyphens, with a letter or digit "
                       "at both ends, and not twelve digits");
}

const char* status_text(bool active) { return active ? "Active" : "Inactive"; }

void add_user(Element& into, const User& user, std::string arn) {
  if (arn.empty()) arn = arn_of(user);
  into.add("Path", user.path).add("UserName", user.name).add("UserId", user.id);
  into.add("Arn", arn).add("CreateDate", user.created_at);
}

void add_account(Element& into, const Account& account) {
  into.add("AccountName", account.name).add("AccountId", account.id);
  into.add("CanonicalId", account.canonical_id).add("CreateDate", account.created_at);
}

void add_certificate(Element& into, const UserCertificate& certificate, const User& user) {
  into.add("UserName", user.name).add("CertificateId", certificate.id);
  into.add("CertificateBody", certificate.pem).add("Status", status_text(certificate.active));
  into.add("UploadDate", certificate.created_at);
}

}  // namespace angophora::clc::actions
