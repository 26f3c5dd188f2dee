using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Broker.Primitives.Log;

namespace Broker.Tests.Unit.Primitives.Log;

/// <summary>
/// A stream with the faults of a real one: publishes of a lost channel may be stored, stored late or never; confirmations may be lost.
/// </summary>
internal sealed class SimulatedStream(int seed)
{
    private readonly Lock _lock = new();
    private readonly List<byte[]> _stored = [];
    private readonly List<Outbound> _sessions = [];
    private readonly Random _random = new(seed);

    public int Length
    {
        get
        {
            lock (_lock)
                return _stored.Count;
        }
    }

    public byte[] this[long offset]
    {
        get
        {
            lock (_lock)
                return _stored[(int)offset];
        }
    }

    /// <summary>Opens a channel, by which publishes are on the way until <see cref="Step"/> lets them come.</summary>
    public Task<LogSession> OpenAsync(CancellationToken cancellationToken)
    {
        var outbound = new Outbound();
        lock (_lock)
            _sessions.Add(outbound);
        return Task.FromResult(new LogSession(outbound.PublishAsync, () => ValueTask.CompletedTask, outbound.Lost));
    }

    /// <summary>Something happens at random: publishes arrive, or a channel breaks.</summary>
    /// <param name="breaks">How many of a thousand steps break a channel.</param>
    public void Step(int breaks)
    {
        Outbound session;
        bool broken, heard;
        lock (_lock)
        {
            if (_sessions.Count == 0)
                return;
            session = _sessions[_random.Next(_sessions.Count)];
            broken = _random.Next(1000) < breaks;
            heard = _random.Next(2) == 0;
            for (var count = _random.Next(4); count > 0 && session.TryTake(out var publish); count--)
            {
                _stored.Add(publish.Body);
                if (heard)
                    publish.Confirmed.TrySetResult();
            }
        }

        // Its publishes stay on the way: they may come when its client has begun another session already.
        if (broken)
            session.Break();
    }

    /// <summary>Lets all arrive that is on the way, from now on at once.</summary>
    public bool Drain()
    {
        var any = false;
        lock (_lock)
        {
            foreach (var session in _sessions)
            {
                while (session.TryTake(out var publish))
                {
                    any = true;
                    _stored.Add(publish.Body);
                    publish.Confirmed.TrySetResult();
                }
            }
        }

        return any;
    }

    /// <summary>Loses what was stored last, as by a loss of power.</summary>
    public void GoBack(int records)
    {
        lock (_lock)
            _stored.RemoveRange(_stored.Count - records, records);
    }

    [SuppressMessage("Reliability", "CA1001", Justification = "Late readers of its token must not meet an exception.")]
    private sealed class Outbound
    {
        private readonly ConcurrentQueue<(byte[] Body, TaskCompletionSource Confirmed)> _sent = new();

        // Never disposed of: without a timer it owns nothing.
        private readonly CancellationTokenSource _lost = new();

        public CancellationToken Lost => _lost.Token;

        public async Task PublishAsync(byte[] body)
        {
            if (_lost.IsCancellationRequested)
                throw new IOException("the channel is closed");
            var confirmed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _sent.Enqueue((body, confirmed));
            await confirmed.Task.WaitAsync(_lost.Token);
        }

        public bool TryTake(out (byte[] Body, TaskCompletionSource Confirmed) publish) => _sent.TryDequeue(out publish);

        public void Break() => _lost.Cancel();
    }
}
