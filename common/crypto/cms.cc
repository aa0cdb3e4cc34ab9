#include "common/crypto/cms.h"

#include "common/crypto/openssl.h"

namespace angophora::crypto {
namespace {

using Cms = std::unique_ptr<CMS_ContentInfo, GiveBack<CMS_ContentInfo_free>>;

// A stack of one certificate, of which it does not take ownership.
struct GiveBackStack {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
};
using CertificateStack = std::unique_ptr<STACK_OF(X509), GiveBackStack>;

}  // namespace

Result<std::string> cms_sign(std::string_view data, const PrivateKey& key,
                             const Certificate& certificate, CmsContent content,
                             bool include_certificate) {
  unsigned flags = CMS_BINARY;
  if (content == CmsContent::detached) flags |= CMS_DETACHED;
  if (!include_certificate) flags |= CMS_NOCERTS;
  const auto input = reader_of(data);
  const Cms cms{CMS_sign(nullptr, nullptr, nullptr, input.get(), flags | CMS_PARTIAL)};
  if (!cms ||
      !CMS_add1_signer(cms.get(), certificate.handle(), key.handle(), EVP_sha256(), flags) ||
      CMS_final(cms.get(), input.get(), nullptr, flags) != 1)
    return openssl_error(Errc::internal, "making a CMS signature");
  return der_of(i2d_CMS_ContentInfo, cms.get());
}

Result<std::string> cms_verify(std::string_view cms, const Certificate& signer,
                               std::string_view data) {
  const unsigned char* start = bytes_of(cms);
  const Cms parsed{d2i_CMS_ContentInfo(nullptr, &start, static_cast<long>(cms.size()))};
  CertificateStack signers{sk_X509_new_null()};
  if (!parsed || !signers) return openssl_error(Errc::corrupt, "reading a CMS signature");
  sk_X509_push(signers.get(), signer.handle());
  const auto input = reader_of(data);
  const auto output = memory_bio();
  BIO* const detached = CMS_is_detached(parsed.get()) == 1 ? input.get() : nullptr;
  if (!detached && !data.empty())
    return Error(Errc::corrupt, "the CMS signature holds data of its own");
  const unsigned flags = CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY;
  if (CMS_verify(parsed.get(), signers.get(), nullptr, detached, output.get(), flags) != 1)
    return openssl_error(Errc::corrupt, "checking a CMS signature");
  return text_of(output);
}

}  // namespace angophora::crypto
