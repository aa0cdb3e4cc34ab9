// Rows of the identities' tables, as several repositories read them: each from its first column on.
#pragma once

#include "clc/domain/identity.h"
#include "clc/store/rows.h"

namespace angophora::clc {

#define ACCOUNT_COLUMNS(t) t "account_id, " t "name, " t "canonical_id, " t "created_at_ms "
inline constexpr int kAccountColumns = 4;
inline Account read_account(Query& q, int at = 0) {
  return {AccountId(q.text(at)), q.text(at + 1), q.text(at + 2), from_ms(q.integer(at + 3))};
}

#define USER_COLUMNS(t)                                                                    \
  t "user_id, " t "account_id, " t "name, " t "path, " t "created_at_ms, " t "is_root, " t \
    "is_enabled "
inline constexpr int kUserColumns = 7;
inline User read_user(Query& q, int at = 0) {
  return {UserId(q.text(at)),    AccountId(q.text(at + 1)),  q.text(at + 2),
          q.text(at + 3),        from_ms(q.integer(at + 4)), q.integer(at + 5) != 0,
          q.integer(at + 6) != 0};
}

#define KEY_COLUMNS(t) \
  t "access_key_id, " t "user_id, " t "secret, " t "active, " t "created_at_ms "
inline constexpr int kKeyColumns = 5;
inline AccessKey read_key(Query& q, int at = 0) {
  return {q.text(at), UserId(q.text(at + 1)), q.text(at + 2), q.integer(at + 3) != 0,
          from_ms(q.integer(at + 4))};
}

#define CERTIFICATE_COLUMNS(t) \
  t "certificate_id, " t "user_id, " t "pem, " t "active, " t "created_at_ms "
inline constexpr int kCertificateColumns = 5;
inline UserCertificate read_certificate(Query& q, int at = 0) {
  return {q.text(at), UserId(q.text(at + 1)), q.text(at + 2), q.integer(at + 3) != 0,
          from_ms(q.integer(at + 4))};
}

}  // namespace angophora::clc
