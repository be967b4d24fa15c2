using Google.Protobuf;
using Google.Protobuf.Reflection;
using StreamPlatform.Registry.Proto;
using StreamPlatform.Schemas;

namespace StreamPlatform.Tests.Unit.Registry;

/// <summary>The .proto compiler of the registry against protoc (the descriptors in generated code).</summary>
public sealed class ProtoCompilerTests
{
    private const string Rich = """
        // header
        syntax = "proto3";
        package rich.v1;
        import "google/protobuf/timestamp.proto";
        import public 'dir/other.proto';
        option java_package = "com." "rich";
        option (custom).thing = { a: 1 b { c: "}" } };
        /* block
           comment */
        message Outer {
          option deprecated = true;
          reserved 5, 10 to 12, 1000 to max;
          reserved "old", "older";
          map<string, Inner.Deep> by_name = 1 [deprecated = true];
          optional int32 maybe = 2;
          repeated sint64 many = 3 [packed = false, (custom.opt) = "x"];
          oneof choice {
            string text = 4;
            .rich.v1.Color color = 6 [json_name = "colour"];
          }
          message Inner {
            message Deep { google.protobuf.Timestamp at = 1; }
            Deep deep = 1;
            dir.Other other = 2;
          }
          Inner inner = 7;
          enum Size { SIZE_UNSPECIFIED = 0; SIZE_BIG = 0x10; SIZE_LEAST = -1; }
          Size size = 8;
          bytes message = 9; // a keyword as a name
        }
        enum Color { option allow_alias = true; COLOR_UNSPECIFIED = 0; COLOR_NONE = 0; reserved 2 to 4, 9; }
        service Finder {
          rpc Find (Outer) returns (stream Outer.Inner) { option deprecated = true; }
          rpc Put (stream Outer) returns (Outer);
        }
        """;

    private static readonly Dictionary<string, FileDescriptorProto> None = [];

    private static readonly Dictionary<string, FileDescriptorProto> Other = new()
    {
        ["dir/other.proto"] = ProtoCompiler.Compile("syntax = \"proto3\"; package dir; message Other { int32 a = 1; }", None).File,
    };

    [Fact]
    public void Our_sources_compile_to_what_protoc_made_of_them()
    {
        foreach (FileDescriptor file in Topics.All.Select(t => t.Message.File).SelectMany(f => f.Dependencies.Append(f)).Distinct())
        {
            Dictionary<string, FileDescriptorProto> imports = file.Dependencies.ToDictionary(d => d.Name, d => d.ToProto());
            CompiledSchema source = ProtoCompiler.Compile(ProtoSource.TextOf(file), imports);
            CompiledSchema descriptor = ProtoCompiler.Compile(file.SerializedData.ToBase64(), imports);
            Assert.Equal(descriptor.CanonicalText, source.CanonicalText);

            FileDescriptorProto ours = source.File.Clone();
            ours.Name = file.Name;
            Assert.Equal(file.ToProto(), ours);
        }
    }

    [Fact]
    public void The_canonical_text_compiles_to_itself()
    {
        string canonical = ProtoCompiler.Compile(Rich, Other).CanonicalText;
        Assert.Equal(canonical, ProtoCompiler.Compile(canonical, Other).CanonicalText);
    }

    [Fact]
    public void A_proto2_descriptor_with_all_it_can_hold_survives_as_text()
    {
        string canonical = ProtoCompiler.Compile(DescriptorReflection.Descriptor.SerializedData.ToBase64(), None).CanonicalText;
        Assert.Equal(canonical, ProtoCompiler.Compile(canonical, None).CanonicalText);
        Assert.Contains("extensions 1000 to max;", canonical, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_in_a_file_is_understood()
    {
        FileDescriptorProto file = ProtoCompiler.Compile(Rich, Other).File;
        DescriptorProto outer = file.MessageType.Single();
        Assert.Equal("com.rich", file.Options.JavaPackage);
        Assert.Equal(["google/protobuf/timestamp.proto", "dir/other.proto"], file.Dependency);
        Assert.Equal([1], file.PublicDependency);
        Assert.Equal(["by_name", "maybe", "many", "text", "color", "inner", "size", "message"], outer.Field.Select(f => f.Name));
        Assert.Equal(["choice", "_maybe"], outer.OneofDecl.Select(o => o.Name));
        FieldDescriptorProto map = outer.Field[0];
        Assert.Equal((".rich.v1.Outer.ByNameEntry", true), (map.TypeName, map.Options.Deprecated));
        Assert.Equal(".rich.v1.Outer.Inner.Deep", outer.NestedType[0].Field[1].TypeName);
        Assert.True(outer.Field[1].Proto3Optional);
        Assert.False(outer.Field[2].Options.Packed);
        Assert.Equal((FieldDescriptorProto.Types.Type.Enum, ".rich.v1.Color", "colour"), (outer.Field[4].Type, outer.Field[4].TypeName, outer.Field[4].JsonName));
        Assert.Equal([0, 16, -1], outer.EnumType.Single().Value.Select(v => v.Number));
        Assert.Equal([(5, 6), (10, 13), (1000, 536_870_912)], outer.ReservedRange.Select(r => (r.Start, r.End)));
        Assert.Equal(["old", "older"], outer.ReservedName);
        Assert.Equal([(2, 4), (9, 9)], file.EnumType.Single().ReservedRange.Select(r => (r.Start, r.End)));
        Assert.Equal(".rich.v1.Outer.Inner", file.Service.Single().Method[0].OutputType);
        Assert.True(file.Service.Single().Method[0].ServerStreaming);
    }

    [Theory]
    [InlineData("message A { int32 a = 1; // x\n }", "message A {\n  int32 a = 1;\n}", true)]
    [InlineData("message A { int32 a = 1; }", "message A { int32 b = 1; }", false)]
    [InlineData("message A { int32 a = 1; }", "message A { int32 a = 2; }", false)]
    [InlineData("message A { int32 a = 1; }", "message A { int64 a = 1; }", false)]
    [InlineData("message A { int32 a = 1; }", "message A { repeated int32 a = 1; }", false)]
    [InlineData("message A { int32 a_b = 1; }", "message A { int32 a_b = 1 [json_name = \"aB\"]; }", true)]
    [InlineData("message A {} message B {}", "message B {} message A {}", false)]
    [InlineData("message A { A a = 1; }", "message A { .p.A a = 1; }", true)]
    public void Schemas_are_equal_by_meaning(string a, string b, bool equal)
    {
        const string Head = "syntax = \"proto3\"; package p; ";
        Assert.Equal(equal, ProtoCompiler.Compile(Head + a, None).CanonicalText == ProtoCompiler.Compile(Head + b, None).CanonicalText);
    }

    [Theory]
    [InlineData("", "a message, enum")]
    [InlineData("message A { int32 a = 1;", "found 'end of file'")]
    [InlineData("message A { int32 a = x; }", "expected a number, found 'x'")]
    [InlineData("message A { int32 a = 99999999999; }", "no 32-bit number")]
    [InlineData("message A { required int32 a = 1; }", "no required fields")]
    [InlineData("message A { B b = 1; }", "B")]
    [InlineData("message A { int32 a = 1; string a = 2; }", "a")]
    [InlineData("enum E { ONE = 1; }", "must be 0")]
    [InlineData("import \"x.proto\";", "\"x.proto\"")]
    [InlineData("message A { string s = 1 [deprecated = maybe]; }", "'maybe' is no value of option deprecated")]
    [InlineData("/* open", "comment is not closed")]
    [InlineData("option java_package = \"open", "string is not closed")]
    [InlineData("message A { } }", "found '}'")]
    public void What_is_wrong_is_said(string body, string why)
    {
        string schema = body.Length == 0 ? "hello world" : "syntax = \"proto3\";\n" + body;
        Assert.Contains(why, Assert.Throws<InvalidSchemaException>(() => ProtoCompiler.Compile(schema, None)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_gives_a_schema_or_an_error_never_anything_else()
    {
        const string Alphabet = "{};=<>\"'1a._/*\\[]() -";
        var random = new Random(20);
        for (int i = 0; i < 3000; i++)
        {
            char[] text = Rich.ToCharArray();
            for (int n = random.Next(1, 6); n > 0; n--)
            {
                text[random.Next(text.Length)] = Alphabet[random.Next(Alphabet.Length)];
            }

            string schema = new string(text)[..random.Next(1, text.Length)];
            try
            {
                ProtoCompiler.Compile(schema, Other);
            }
            catch (InvalidSchemaException)
            {
                // the one way to refuse
            }
        }
    }
}
