#include "clc/actions/certificate_limit.h"

#include "clc/store/signing_certificates.h"

namespace angophora::clc::actions {

// A certificate that two users have would tell nobody who signed.
Result<> insert_certificate(Tx& tx, const UserCertificate& certificate, std::int64_t count_max) {
  SigningCertificates certificates(tx);
  TRY(const bool is_known, certificates.is_known(certificate));
  if (is_known) return Error(IdentityErrc::certificate_used, "The certificate is in use already.");
  TRY(const auto present, certificates.of(certificate.user));
  TRY_VOID(check_limit({"SigningCertificatesPerUser", count_max},
                       static_cast<std::int64_t>(present.size())));
  return certificates.insert(certificate);
}

}  // namespace angophora::clc::actions
