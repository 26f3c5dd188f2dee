using Broker.Bus;
using Broker.Connection;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Deliveries;

/// <summary>
/// Holds outcomes until the broker has confirmed them. One message at a time is on the way to each caller, and what is posted meanwhile travels together in
/// the next: no delay when idle, fewer messages the busier it is. What cannot be sent is sent again, for the work is done. Unacknowledged deliveries bound
/// what waits here.
/// </summary>
internal sealed class Outbox(Outbox.SendAsync sendAsync, TimeProvider clock, ILogger log)
{
    /// <summary>How long a caller without a queue is kept waiting for: its queue was deleted, and it may be declaring it again.</summary>
    public static readonly TimeSpan MissingCallerTimeout = TimeSpan.FromSeconds(15);

    public static readonly TimeSpan ResendDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>A message to which no more is added.</summary>
    private const int MaxJoinedBytes = 1024 * 1024;

    /// <summary>What is kept for missing callers; their deliveries are acknowledged, so that is all that bounds it.</summary>
    private const long MaxKeptBytes = 64L * 1024 * 1024;

    private readonly Lock _lock = new();

    /// <summary>The callers to whom something is being sent.</summary>
    private readonly Dictionary<string, Caller> _callers = [];

    private long _kept;

    /// <summary>Sends one message and returns when it is confirmed.</summary>
    public delegate Task SendAsync(string type, string replyTo, Guid messageId, byte[] body);

    /// <summary>Returns when the outcome is safe with the broker, or its caller has no queue.</summary>
    /// <param name="replyTo">The caller.</param>
    /// <param name="body">The outcome.</param>
    /// <param name="joinable">Whether the caller reads several outcomes from one message.</param>
    /// <param name="connectionLost">The delivery is lost: the broker has requeued the job, and the outcome is dropped.</param>
    /// <exception cref="OperationCanceledException">By <paramref name="connectionLost"/>.</exception>
    public Task PostAsync(string replyTo, byte[] body, bool joinable, CancellationToken connectionLost)
    {
        var letter = new Letter(body, joinable, connectionLost);
        Caller? caller;
        lock (_lock)
        {
            if (_callers.TryGetValue(replyTo, out caller))
            {
                caller.Waiting.Enqueue(letter);
                if (caller.MissingSince is not null)
                    Keep(letter);
                return letter.Sent.Task.WaitAsync(connectionLost);
            }

            _callers[replyTo] = caller = new Caller(replyTo);
            caller.Waiting.Enqueue(letter);
        }

        // It goes on for other jobs than the one that began it.
        using (ExecutionContext.SuppressFlow())
            _ = SendAllAsync(caller);
        return letter.Sent.Task.WaitAsync(connectionLost);
    }

    private async Task SendAllAsync(Caller caller)
    {
        while (Next(caller) is { } letters)
        {
            try
            {
                await SendUntilConfirmedAsync(caller, letters);
                foreach (var letter in letters)
                    letter.Sent.TrySetResult();
            }
            catch (Exception e)
            {
                // Told to each delivery, which is requeued.
                foreach (var letter in letters)
                    letter.Sent.TrySetException(e);
            }
        }
    }

    /// <summary>What goes into the caller's next message; null when nothing waits, and the caller is forgotten.</summary>
    private List<Letter>? Next(Caller caller)
    {
        lock (_lock)
        {
            Release(caller.Current);
            if (!caller.Waiting.TryDequeue(out var first))
            {
                _callers.Remove(caller.ReplyTo);
                return null;
            }

            caller.Current = [first];
            var size = BodySequence.SizeOf(first.Body);
            while (first.Joinable && caller.Waiting.TryPeek(out var next) && next.Joinable && (size += BodySequence.SizeOf(next.Body)) <= MaxJoinedBytes)
                caller.Current.Add(caller.Waiting.Dequeue());
            return caller.Current;
        }
    }

    private async Task SendUntilConfirmedAsync(Caller caller, List<Letter> letters)
    {
        var messageId = Guid.CreateVersion7();
        while (true)
        {
            if (letters.RemoveAll(static letter => letter is { IsKept: false, ConnectionLost.IsCancellationRequested: true }) > 0)
                messageId = Guid.CreateVersion7();
            if (letters.Count == 0)
                return;
            try
            {
                if (letters is [var only])
                    await sendAsync(MessageTypes.JobCompleted, caller.ReplyTo, messageId, only.Body);
                else
                    await sendAsync(MessageTypes.JobsCompleted, caller.ReplyTo, messageId, BodySequence.Join([.. letters.Select(static letter => letter.Body)]));
                Found(caller);
                return;
            }
            catch (UnroutableException)
            {
                if (!Miss(caller))
                    return;
            }
            catch (BrokerUnavailableException e) when (e.CanRetry)
            {
                log.LogDebug("{Outcomes} outcomes are sent again: {Reason}", letters.Count, e.Message);
            }

            await Task.Delay(ResendDelay, clock);
        }
    }

    private void Found(Caller caller)
    {
        lock (_lock)
            caller.MissingSince = null;
    }

    /// <summary>The caller has no queue: lets its deliveries go, or a caller that has ended would block this process.</summary>
    /// <returns>Whether to go on.</returns>
    private bool Miss(Caller caller)
    {
        lock (_lock)
        {
            caller.MissingSince ??= clock.GetTimestamp();
            if (clock.GetElapsedTime(caller.MissingSince.Value) < MissingCallerTimeout)
            {
                foreach (var letter in caller.Current.Concat(caller.Waiting))
                    Keep(letter);
                return true;
            }

            log.LogDebug("no caller waits for {Outcomes} outcomes any more", caller.Current.Count + caller.Waiting.Count);
            Release(caller.Waiting);
            foreach (var letter in caller.Waiting)
                letter.Sent.TrySetResult();
            caller.Waiting.Clear();
            caller.MissingSince = null;
            return false;
        }
    }

    /// <summary>Lets the letter's delivery go; the letter itself stays, while there is room.</summary>
    private void Keep(Letter letter)
    {
        if (letter.IsKept || letter.ConnectionLost.IsCancellationRequested || _kept + letter.Body.Length > MaxKeptBytes)
            return;
        letter.IsKept = true;
        _kept += letter.Body.Length;
        letter.Sent.TrySetResult();
    }

    private void Release(IEnumerable<Letter> letters)
    {
        foreach (var letter in letters)
            _kept -= letter.IsKept ? letter.Body.Length : 0;
    }

    private sealed class Caller(string replyTo)
    {
        public string ReplyTo => replyTo;

        public Queue<Letter> Waiting { get; } = new();

        /// <summary>What the message on the way holds.</summary>
        public List<Letter> Current { get; set; } = [];

        /// <summary>Since when its queue is missing; null where it is not.</summary>
        public long? MissingSince { get; set; }
    }

    private sealed class Letter(byte[] body, bool joinable, CancellationToken connectionLost)
    {
        public byte[] Body => body;

        public bool Joinable => joinable;

        public CancellationToken ConnectionLost => connectionLost;

        /// <summary>Whether its delivery was let go: nothing will bring the outcome again.</summary>
        public bool IsKept { get; set; }

        public TaskCompletionSource Sent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
