using System.Globalization;
using System.Text.Json;
using Broker.Bus;
using Broker.Connection;
using Broker.Primitives.Queues;
using RabbitMQ.Client;

namespace Broker.Primitives;

/// <summary>Puts items into one queue.</summary>
internal sealed class QueuePutter<T>(QueueAccount account, QueueDoor door, BrokerQueueOptions options, JsonSerializerOptions json)
{
    /// <summary>Opens all that is needed: puts that begin after it go in the order of their beginning.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        await door.OpenAsync(cancellationToken);
        await door.BeginAsync(cancellationToken);
        await door.CheckOpenAsync(consistent: false, cancellationToken);
    }

    /// <returns>False when the timeout came first.</returns>
    public async Task<bool> TryPutAsync(T item, byte? priority, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var body = JsonSerializer.SerializeToUtf8Bytes(item, json);
        if (body.Length > MessageSender.MaxBodyBytes)
            throw new MessageTooLargeException(body.Length, MessageSender.MaxBodyBytes);
        await door.OpenAsync(cancellationToken);
        if (!options.Counted)
        {
            await door.CheckOpenAsync(consistent: false, cancellationToken);
            await door.SendAsync(() => Properties(HeldItem.Plain, null, priority), body).WaitAsync(cancellationToken);
            return true;
        }

        if (await account.ReserveAsync(timeout, cancellationToken) is not { } number)
            return false;
        await StoreAsync(number, priority, body).WaitAsync(cancellationToken);
        return true;
    }

    /// <summary>Not cancelled with its call: what is reserved is either stored or given up.</summary>
    private async Task StoreAsync(long number, byte? priority, byte[] body)
    {
        try
        {
            await door.SendAsync(() => Properties(options.Joinable ? HeldItem.Joinable : HeldItem.Counted, number, priority), body);
        }
        catch (PrimitiveClosedException)
        {
            await account.GiveUpAsync(number);
            throw;
        }

        await account.StoredAsync(number);
    }

    // The client writes into them, so each attempt has its own.
    private static BasicProperties Properties(string type, long? number, byte? priority)
    {
        var properties = new BasicProperties { ContentType = "application/json", Persistent = true, Type = type, MessageId = number?.ToString(CultureInfo.InvariantCulture) };
        if (priority is { } known)
            properties.Priority = known;
        return properties;
    }
}
