#include <gtest/gtest.h>

#include "common/xml/reader.h"
#include "common/xml/writer.h"

namespace angophora::xml {
namespace {

using common::Errc;

TEST(XmlReader, MakesAPlainTree) {
  const auto root = read(R"(<?xml version="1.0"?>
    <Delete xmlns="urn:s3" xmlns:x="urn:x"><Quiet>true</Quiet>
    <Object><Key> a&amp;b </Key></Object><Object x:kind="k"><Key><![CDATA[<c>]]></Key></Object>
    </Delete>)")
                        .assume_value();
  EXPECT_EQ(root.name, "Delete");
  EXPECT_EQ(root.name_space, "urn:s3");
  EXPECT_EQ(root.text_of("Quiet"), "true");
  const auto objects = root.children_named("Object");
  ASSERT_EQ(objects.size(), 2u);
  EXPECT_EQ(objects[0]->text_of("Key"), "a&b");
  EXPECT_EQ(objects[0]->child("Key")->text, " a&b ");
  EXPECT_EQ(objects[1]->text_of("Key"), "<c>");
  EXPECT_EQ(*objects[1]->attribute("kind"), "k");
  EXPECT_EQ(objects[1]->attributes[0].name_space, "urn:x");
  EXPECT_EQ(root.find("Object/Key")->text, " a&b ");
  EXPECT_EQ(root.find("Object/None"), nullptr);
  EXPECT_EQ(root.text_of("None"), "");
}

TEST(XmlReader, KeepsTheCharactersOfReferences) {
  EXPECT_EQ(read("<a b='&#65;&lt;'>&#x42;&quot;\xC3\xA9</a>").assume_value().text, "B\"\xC3\xA9");
  EXPECT_EQ(*read("<a b='&#65;&lt;'/>").assume_value().attribute("b"), "A<");
}

TEST(XmlReader, RefusesWhatIsNotWellFormed) {
  for (const char* text :
       {"", " ", "x", "<a>", "<a></b>", "<a/><b/>", "<a b=1/>", "<a>&nope;</a>", "<a>\x01</a>",
        "<a>\xff\xfe</a>", "<x:a/>", "<a b='1' b='2'/>", "<a>&#0;</a>"}) {
    const auto root = read(text);
    ASSERT_FALSE(root) << text;
    EXPECT_EQ(root.assume_error().code, Errc::corrupt) << text;
  }
}

TEST(XmlReader, RefusesEveryDocumentType) {
  for (const char* text : {"<!DOCTYPE a><a/>", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
                           "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
                           "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>",
                           "<!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;&b;'>]><a>&c;</a>"}) {
    const auto root = read(text);
    ASSERT_FALSE(root) << text;
    EXPECT_NE(root.assume_error().message.find("document type"), std::string::npos)
        << root.assume_error().message;
  }
}

TEST(XmlReader, TakesUtf8WhateverIsDeclaredAndNothingElse) {
  EXPECT_EQ(read("<?xml version='1.0' encoding='UTF-16'?><a>\xC3\xA9</a>").assume_value().text,
            "\xC3\xA9");
  EXPECT_EQ(read("\xEF\xBB\xBF<a>b</a>").assume_value().text, "b") << "a byte order mark";
  const std::string utf16("\xFF\xFE<\0a\0/\0>\0", 10), utf32("\0\0\0<", 4);
  const std::string latin("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>");
  for (const auto& text : {utf16, utf32, latin, std::string("<a>\0</a>", 8)})
    EXPECT_EQ(read(text).assume_error().code, Errc::corrupt);
}

TEST(XmlReader, HasLimits) {
  Limits limits;
  limits.bytes_max = 100;
  EXPECT_EQ(read(std::string(101, ' '), limits).assume_error().code, Errc::limit_exceeded);
  std::string deep, wide = "<a>";
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_EQ(read(deep).assume_error().code, Errc::limit_exceeded);
  for (int i = 0; i < 200'000; ++i) wide += "<b/>";
  EXPECT_EQ(read(wide + "</a>").assume_error().code, Errc::limit_exceeded);
  Limits two;
  two.depth_max = 2;
  EXPECT_TRUE(read("<a><b/><b/></a>", two));
  EXPECT_FALSE(read("<a><b><c/></b></a>", two));
}

TEST(XmlReader, ReadsManyChildrenOfManyChildren) {
  std::string text = "<l>";
  for (int i = 0; i < 1000; ++i) text += "<o><k>" + std::to_string(i) + "</k></o>";
  const auto root = read(text + "</l>").assume_value();
  ASSERT_EQ(root.children.size(), 1000u);
  EXPECT_EQ(root.children[999].text_of("k"), "999");
}

TEST(XmlWriter, WritesElementsAttributesAndText) {
  Writer w;
  w.open("R").attribute("xmlns", "urn:a\"b&");
  w.element("Name", "x<y>&z").element("Count", 7).element("Truncated", false).empty("None");
  w.open("Empty").close().open("T").text("text").raw("<b/>").close();
  EXPECT_EQ(std::move(w).finish(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<R xmlns=\"urn:a&quot;b&amp;\"><Name>x&lt;y&gt;&amp;z</Name><Count>7</Count>"
            "<Truncated>false</Truncated><None/><Empty/><T>text<b/></T></R>");
}

TEST(XmlWriter, ClosesWhatIsOpen) {
  Writer w(Writer::Declaration::no);
  w.open("a").open("b").text("x");
  EXPECT_EQ(std::move(w).finish(), "<a><b>x</b></a>");
}

TEST(XmlWriter, ReplacesWhatXmlCannotHold) {
  EXPECT_EQ(escape_text(std::string("a\0b\x1f\x7f", 5)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\x7f");
  EXPECT_EQ(escape_text("\xff\xC3"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(escape_text("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD") << "a surrogate";
  EXPECT_EQ(escape_text("\xEF\xBF\xBF").substr(0, 3), "\xEF\xBF\xBD");
  EXPECT_EQ(escape_text("\xF0\x9F\x8C\xB3"), "\xF0\x9F\x8C\xB3");
}

TEST(XmlWriter, WhatItEscapesIsReadBackTheSame) {
  const std::string text = "a<b>&\"'\r\n\t\xC3\xA9 end";
  Writer w;
  w.open("a").attribute("b", text).text(text);
  const auto root = read(std::move(w).finish()).assume_value();
  EXPECT_EQ(root.text, text);
  EXPECT_EQ(*root.attribute("b"), text);
}

}  // namespace
}  // namespace angophora::xml
