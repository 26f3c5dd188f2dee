using System.Net.Sockets;
using Broker.Contracts;
using RabbitMQ.Client.Exceptions;

namespace Broker.Connection;

/// <summary>Raised when the broker cannot be reached, refuses us, or does not confirm in time.</summary>
public sealed class BrokerUnavailableException : BrokerException
{
    public BrokerUnavailableException()
    {
    }

    public BrokerUnavailableException(string message)
        : base(message)
    {
    }

    public BrokerUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>False when trying again cannot help until somebody changes something: wrong password, no such virtual host, no permission.</summary>
    public bool CanRetry { get; init; } = true;

    /// <summary>Whether nothing answered at the address: a program may say how to set another, or how to start a broker.</summary>
    internal bool Unreachable { get; init; }

    /// <summary>Says what went wrong and what to do about it, from whatever the client library raised while connecting.</summary>
    internal static BrokerUnavailableException From(Exception error, BrokerAddress address)
    {
        var chain = Unfold(error).ToList();
        if (chain.OfType<AuthenticationFailureException>().Any() || chain.OfType<PossibleAuthenticationFailureException>().Any())
            return new($"RabbitMQ at {address.Host}:{address.Port} refused user '{address.User}': check user and password in the address", error) { CanRetry = false };
        if (chain.OfType<OperationInterruptedException>().FirstOrDefault()?.ShutdownReason is { } reason)
        {
            return reason.ReplyCode switch
            {
                530 => new($"RabbitMQ at {address.Host}:{address.Port} has no virtual host '{address.VirtualHost}' for user '{address.User}': check the end of the address, or create it with rabbitmqctl add_vhost", error) { CanRetry = false },
                403 => new($"RabbitMQ at {address.Host}:{address.Port} does not permit user '{address.User}' to do this: {reason.ReplyText}", error) { CanRetry = false },
                _ => new($"RabbitMQ at {address.Host}:{address.Port} broke off: {reason.ReplyText}", error),
            };
        }

        var cause = chain.OfType<SocketException>().FirstOrDefault() is { } socket
            ? socket.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "connection refused",
                SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "no such host",
                _ => socket.Message,
            }
            : chain.Any(e => e is TimeoutException or OperationCanceledException) ? "no answer" : chain[^1].Message;
        return new($"no RabbitMQ at {address.Host}:{address.Port} ({cause}): is it running?", error) { Unreachable = true };
    }

    private static IEnumerable<Exception> Unfold(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            yield return error;
            if (error is AggregateException { InnerExceptions.Count: > 1 } many)
            {
                foreach (var inner in many.InnerExceptions.SelectMany(Unfold))
                    yield return inner;
            }
        }
    }
}
