using System.Net;
using System.Text;
using Cassandra;
using Cassandra.Protocol;

namespace StreamPlatform.Tests.Unit.Cassandra;

/// <summary>SASL exchanges of more than one step, which PasswordAuthenticator does not have.</summary>
public sealed class AuthenticationTests
{
    [Fact]
    public async Task A_provider_answers_the_node_s_challenges()
    {
        List<string> heard = [];
        await using ScriptedServer server = new(
            (header, body) =>
            {
                heard.Add(Token(body));
                return heard[^1] == "sum 5" ? Answer(header.Stream, Opcode.AuthSuccess, "") : Answer(header.Stream, Opcode.AuthChallenge, "2 3");
            },
            authenticator: "org.example.Sums");
        Sums provider = new();
        await using IConnection connection = await ConnectionTests.OpenAsync(server, new ConnectionOptions { AuthProvider = provider });
        Assert.Equal(["hello", "sum 5"], heard);
        Assert.Equal(server.EndPoint, provider.Asked);
    }

    [Fact]
    public async Task A_node_that_is_never_content_is_given_up()
    {
        int rounds = 0;
        await using ScriptedServer server = new(
            (header, _) =>
            {
                rounds++;
                return Answer(header.Stream, Opcode.AuthChallenge, "2 3");
            },
            authenticator: "org.example.Sums");
        AuthenticationException given = await Assert.ThrowsAsync<AuthenticationException>(
            () => ConnectionTests.OpenAsync(server, new ConnectionOptions { AuthProvider = new Sums() }));
        Assert.Equal((8, server.EndPoint), (rounds, given.Host));
    }

    [Fact]
    public async Task What_an_authenticator_throws_is_a_failed_connection()
    {
        await using ScriptedServer server = new((header, _) => Answer(header.Stream, Opcode.AuthChallenge, "two three"), authenticator: "org.example.Sums");
        ConnectionClosedException failed = await Assert.ThrowsAsync<ConnectionClosedException>(
            () => ConnectionTests.OpenAsync(server, new ConnectionOptions { AuthProvider = new Sums() }));
        Assert.IsType<FormatException>(failed.InnerException);
        Assert.False(failed.RequestSent);
    }

    private static string Token(byte[] body) => Encoding.UTF8.GetString(new CqlReader(body).ReadBytes() ?? []);

    private static byte[] Answer(short stream, Opcode opcode, string token)
    {
        using CqlWriter body = new();
        body.WriteBytes(Encoding.UTF8.GetBytes(token));
        return ScriptedServer.Frame(stream, opcode, body.ToArray());
    }

    private sealed class Sums : IAuthProvider, IAuthenticator
    {
        public IPEndPoint? Asked { get; private set; }

        public IAuthenticator NewAuthenticator(IPEndPoint host)
        {
            Asked = host;
            return this;
        }

        public byte[] InitialResponse() => "hello"u8.ToArray();

        public byte[] EvaluateChallenge(byte[]? challenge) => Encoding.UTF8.GetBytes($"sum {Encoding.UTF8.GetString(challenge!).Split(' ').Sum(int.Parse)}");
    }
}
