using System.Net;
using System.Text;

namespace Cassandra;

/// <summary>How the client proves who it is; thread-safe.</summary>
public interface IAuthProvider
{
    /// <summary>The part of one connection to this node.</summary>
    IAuthenticator NewAuthenticator(IPEndPoint host);
}

/// <summary>The client's part of one SASL exchange.</summary>
public interface IAuthenticator
{
    /// <summary>What the client begins with; null sends an empty token.</summary>
    byte[]? InitialResponse();

    /// <summary>The answer to a challenge of the node; null sends an empty token. At most 8 challenges are answered.</summary>
    byte[]? EvaluateChallenge(byte[]? challenge);
}

/// <summary>User and password for PasswordAuthenticator (SASL PLAIN). They travel as they are: use TLS.</summary>
public sealed class PlainTextAuthProvider(string username, string password) : IAuthProvider
{
    /// <inheritdoc/>
    public IAuthenticator NewAuthenticator(IPEndPoint host) => new Authenticator(Encoding.UTF8.GetBytes($"\0{username}\0{password}"));

    private sealed class Authenticator(byte[] token) : IAuthenticator
    {
        public byte[] InitialResponse() => token;

        public byte[]? EvaluateChallenge(byte[]? challenge) => null; // PLAIN has none
    }
}
