#include "walrus/objects/form_decoder.h"

#include <gtest/gtest.h>

#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

std::string field(const std::string& name, const std::string& value) {
  return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
}
std::string file(const std::string& bytes) {
  return "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\\\dir\\\\a "
         "b.txt\"\r\n"
         "Content-Type: text/plain\r\n\r\n" +
         bytes + "\r\n--b--\r\n";
}

struct Decoded {
  Result<> result = common::ok();
  std::string data;
  std::vector<FormDecoder::Field> fields;
  FormDecoder::File file;
};
Decoded decode(std::string_view body, std::size_t piece_bytes = 1 << 20) {
  FormDecoder decoder("b");
  Decoded decoded;
  for (; decoded.result && !body.empty(); body.remove_prefix(std::min(body.size(), piece_bytes)))
    decoded.result = decoder.feed(body.substr(0, piece_bytes), decoded.data);
  if (decoded.result) decoded.result = decoder.finish();
  decoded.fields = decoder.fields();
  decoded.file = decoder.file();
  return decoded;
}
S3Errc refusal(std::string_view body) {
  const auto decoded = decode(body);
  return decoded.result ? S3Errc::none : s3_error_of(decoded.result.error());
}

TEST(FormDecoder, ReadsTheSameHoweverItIsCut) {
  const std::string bytes = "one\r\n--not the boundary\r\n-- two \r";
  const auto body = "preamble\r\n" + field("Key", "k") + field("acl", "") + file(bytes) + "rest";
  for (const std::size_t piece : {1u, 2u, 3u, 7u, 50u, 10000u}) {
    const auto decoded = decode(body, piece);
    ASSERT_TRUE(decoded.result) << piece;
    EXPECT_EQ(decoded.data, bytes) << piece;
    ASSERT_EQ(decoded.fields.size(), 2u);
    EXPECT_EQ(decoded.fields[0].name, "key");
    EXPECT_EQ(decoded.fields[0].value, "k");
    EXPECT_EQ(decoded.file.name, "a b.txt");
    EXPECT_EQ(decoded.file.content_type, "text/plain");
  }
}

TEST(FormDecoder, RefusesWhatIsNoForm) {
  EXPECT_EQ(refusal(""), S3Errc::malformed_post_request);
  EXPECT_EQ(refusal("--b--\r\n"), S3Errc::malformed_post_request);
  EXPECT_EQ(refusal(field("key", "k")), S3Errc::malformed_post_request);
  EXPECT_EQ(refusal("--b\r\nContent-Type: x\r\n\r\nno name\r\n--b--"),
            S3Errc::malformed_post_request);
  EXPECT_EQ(refusal(file("x").substr(0, file("x").size() - 9)), S3Errc::incomplete_body);
}

TEST(FormDecoder, IsBounded) {
  EXPECT_EQ(refusal(std::string(20'000, 'x')), S3Errc::malformed_post_request);
  EXPECT_EQ(refusal("--b\r\n" + std::string(20'000, 'x')), S3Errc::malformed_post_request);
  EXPECT_EQ(refusal(field("key", std::string(70'000, 'x')) + file("x")),
            S3Errc::malformed_post_request);
  std::string many;
  for (int i = 0; i < 201; ++i) many += field("f", "v");
  EXPECT_EQ(refusal(many + file("x")), S3Errc::malformed_post_request);
}

TEST(FormBoundary, IsThatOfAForm) {
  EXPECT_EQ(form_boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(form_boundary("Multipart/Form-Data; charset=x; boundary=\"a b\""), "a b");
  EXPECT_FALSE(form_boundary("multipart/form-data"));
  EXPECT_FALSE(form_boundary("multipart/mixed; boundary=abc"));
  EXPECT_FALSE(form_boundary("multipart/form-data; boundary=" + std::string(71, 'x')));
}

}  // namespace
}  // namespace angophora::walrus
