using Broker.Connection;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Topology;

/// <summary>
/// Declares what jobs need on the broker, looks at it, and removes what a client no longer needs. Declaring is idempotent and safe from any number
/// of processes at once, so whoever finds a queue or exchange missing declares it again.
/// </summary>
internal sealed class JobTopology(BrokerConnection connection)
{
    private static readonly (string Name, string Type)[] JobExchanges = [(Names.DeadExchange, ExchangeType.Direct), (Names.JobsExchange, ExchangeType.Direct)];

    private static readonly (string Name, string Type)[] ControlExchanges = [(Names.ControlExchange, ExchangeType.Fanout), (Names.ResultsExchange, ExchangeType.Direct)];

    /// <summary>All exchanges but those of the delay levels.</summary>
    public static IReadOnlyList<(string Name, string Type)> Exchanges { get; } = [.. JobExchanges, .. ControlExchanges, (Names.DelayedExchange, ExchangeType.Topic)];

    private readonly KindList _kinds = new(connection);

    /// <summary>
    /// Declares a kind's queue and its dead-letter queue, so that a job finds its queue whoever comes first: producer or consumer.
    /// </summary>
    /// <exception cref="BrokerUnavailableException">The broker is away, or does not let us; or a queue of the name exists with other settings.</exception>
    public async Task DeclareKindAsync(string kind, CancellationToken cancellationToken = default)
    {
        var jobs = await RequestAsync(
            async channel =>
            {
                await Declaration.ExchangesAsync(channel, JobExchanges, cancellationToken);
                // The dead letters' queue first: the jobs' queue refers to it from its first message on.
                await Declaration.QueueAsync(channel, new BoundQueue(Names.DeadQueue(kind), QueueArguments.Dead(), Names.DeadExchange, kind), cancellationToken);
                return await Declaration.QueueAsync(channel, new BoundQueue(Names.JobsQueue(kind), QueueArguments.Jobs(kind), Names.JobsExchange, kind), cancellationToken);
            },
            cancellationToken);
        // A queue that was made just now has neither; one that is in use is in the list already.
        if (jobs is { MessageCount: 0, ConsumerCount: 0 })
            await _kinds.AddAsync(kind, cancellationToken);
    }

    /// <summary>Declares the queue of a kind's suspects. Not part of its declaration: only consumers put jobs there.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away, or does not let us; or a queue of the name exists with other settings.</exception>
    public Task DeclareSuspectsAsync(string kind, CancellationToken cancellationToken = default) => RequestAsync(
        channel => Declaration.QueueAsync(channel, new BoundQueue(Names.SuspectsQueue(kind), QueueArguments.Jobs(kind), Names.JobsExchange, Names.SuspectsKey(kind)), cancellationToken),
        cancellationToken);

    /// <inheritdoc cref="KindList.ReadAsync(IReadOnlyCollection{string}, CancellationToken)"/>
    public Task<IReadOnlyCollection<string>> ListKindsAsync(IReadOnlyCollection<string> gone, CancellationToken cancellationToken = default) => _kinds.ReadAsync(gone, cancellationToken);

    /// <summary>Has the kind's queue take jobs whose delay is over. Not part of its declaration: only consumers delay jobs, and a producer needs no permission for it.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away, or does not let us; or there is no such queue.</exception>
    public Task BindDelayedAsync(string kind, CancellationToken cancellationToken = default) => RequestAsync(
        async channel =>
        {
            await Declaration.ExchangesAsync(channel, [(Names.DelayedExchange, ExchangeType.Topic)], cancellationToken);
            await channel.QueueBindAsync(Names.JobsQueue(kind), Names.DelayedExchange, DelayLevels.ArrivalPattern(kind), cancellationToken: cancellationToken);
            return true;
        },
        cancellationToken);

    /// <summary>Declares the queues that hold jobs until they are tried again; the shortest first, because each hands on to the next shorter one.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away, or does not let us.</exception>
    public Task DeclareDelaysAsync(CancellationToken cancellationToken = default) => RequestAsync(
        async channel =>
        {
            await Declaration.ExchangesAsync(channel, [(Names.DelayedExchange, ExchangeType.Topic)], cancellationToken);
            for (var level = 0; level < DelayLevels.Count; level++)
            {
                var name = Names.DelayLevel(level);
                await Declaration.ExchangesAsync(channel, [(name, ExchangeType.Topic)], cancellationToken);
                await Declaration.QueueAsync(channel, new BoundQueue(name, QueueArguments.Delay(level), name, DelayLevels.HoldPattern(level)), cancellationToken);
                await channel.ExchangeBindAsync(DelayLevels.Next(level), name, DelayLevels.PassPattern(level), cancellationToken: cancellationToken);
            }

            return true;
        },
        cancellationToken);

    /// <summary>Declares the stream of cancelled jobs.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away, or does not let us.</exception>
    public Task DeclareCancelledAsync(CancellationToken cancellationToken = default) => RequestAsync(
        async channel =>
        {
            await Declaration.ExchangesAsync(channel, JobExchanges, cancellationToken);
            return await Declaration.QueueAsync(channel, new BoundQueue(Names.CancelledStream, QueueArguments.Cancelled(), Names.JobsExchange, Names.CancelledKey), cancellationToken);
        },
        cancellationToken);

    /// <summary>Declares a stream of outcomes.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away, or does not let us.</exception>
    public Task DeclareOutcomesAsync(OutcomeStream stream, CancellationToken cancellationToken = default) => RequestAsync(
        async channel =>
        {
            await Declaration.ExchangesAsync(channel, ControlExchanges, cancellationToken);
            return await Declaration.QueueAsync(channel, new BoundQueue(stream.Name, QueueArguments.Outcomes(), Names.ResultsExchange, stream.Key), cancellationToken);
        },
        cancellationToken);

    /// <summary>Declares the exchanges that carry control messages and answers.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away, or does not let us.</exception>
    public Task DeclareControlAsync(CancellationToken cancellationToken = default) => RequestAsync(
        async channel =>
        {
            await Declaration.ExchangesAsync(channel, ControlExchanges, cancellationToken);
            return true;
        },
        cancellationToken);

    /// <summary>A kind's queues now; its suspects are jobs that wait like the others.</summary>
    public async Task<KindQueues> LookAtKindAsync(string kind, CancellationToken cancellationToken = default)
    {
        var jobs = await LookAtJobsAsync(kind, cancellationToken);
        if (jobs is not null)
            jobs = jobs with { Ready = jobs.Ready + await CountSuspectsAsync(kind, cancellationToken) };
        return new KindQueues(jobs, await LookAsync(Names.DeadQueue(kind), cancellationToken));
    }

    /// <summary>How many jobs wait to be run alone.</summary>
    public async Task<long> CountSuspectsAsync(string kind, CancellationToken cancellationToken = default) => (await LookAsync(Names.SuspectsQueue(kind), cancellationToken))?.Ready ?? 0;

    /// <summary>How many messages of a kind are ready and how many consumers it has; null where the queue does not exist.</summary>
    public Task<QueueDepth?> LookAtJobsAsync(string kind, CancellationToken cancellationToken = default) => LookAsync(Names.JobsQueue(kind), cancellationToken);

    /// <summary>How many jobs of all kinds wait for a retry; null where none has ever waited.</summary>
    public async Task<long?> CountDelayedAsync(CancellationToken cancellationToken = default)
    {
        // The shortest is declared first, and the broker closes the channel for each that is missing.
        if (await LookAsync(Names.DelayLevel(0), cancellationToken) is not { } shortest)
            return null;
        var delayed = shortest.Ready;
        for (var level = 1; level < DelayLevels.Count; level++)
            delayed += (await LookAsync(Names.DelayLevel(level), cancellationToken))?.Ready ?? 0;
        return delayed;
    }

    /// <summary>Removes the jobs of a kind that are ready, and says how many; null where the queue does not exist.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away, or does not let us: then none is removed, or the suspects only.</exception>
    public async Task<long?> PurgeJobsAsync(string kind, CancellationToken cancellationToken = default)
    {
        // First, for it is the permission for them that a producer may lack.
        var suspects = await PurgeAsync(Names.SuspectsQueue(kind), cancellationToken);
        var jobs = await PurgeAsync(Names.JobsQueue(kind), cancellationToken);
        return jobs is null && suspects is null ? null : (jobs ?? 0) + (suspects ?? 0);
    }

    /// <summary>A client's results queue: what waits on it and who consumes it; null where it is gone, or its node is away.</summary>
    public Task<QueueDepth?> LookAtResultsAsync(string clientId, CancellationToken cancellationToken = default) => LookAsync(Names.ResultsQueue(clientId), cancellationToken);

    /// <summary>Deletes a client's results queue with whatever lies in it.</summary>
    public Task DeleteResultsAsync(string clientId, CancellationToken cancellationToken = default) =>
        RequestAsync(channel => channel.QueueDeleteAsync(Names.ResultsQueue(clientId), cancellationToken: cancellationToken), cancellationToken);

    private async Task<long?> PurgeAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.WithChannelAsync(channel => channel.QueuePurgeAsync(queue, cancellationToken), cancellationToken);
        }
        catch (OperationInterruptedException e)
        {
            return e.ShutdownReason?.ReplyCode == Constants.NotFound ? null : throw BrokerUnavailableException.From(e, connection.Address);
        }
    }

    private async Task<QueueDepth?> LookAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await connection.WithChannelAsync(channel => channel.QueueDeclarePassiveAsync(queue, cancellationToken), cancellationToken);
            return new QueueDepth(answer.MessageCount, answer.ConsumerCount);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
    }

    private async Task<T> RequestAsync<T>(Func<IChannel, Task<T>> request, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.WithChannelAsync(request, cancellationToken);
        }
        catch (OperationInterruptedException e)
        {
            throw BrokerUnavailableException.From(e, connection.Address);
        }
    }
}
